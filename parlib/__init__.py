"""parlib: score, compare and report Viet Nam's PAR INDEX."""
