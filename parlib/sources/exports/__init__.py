"""What survey tools export, taken in as answers of a round.

``formats`` reads each kind of file into the same batches of texts, ``mapping`` says what stands in them (drafted from
the file, confirmed by a person), ``taking`` writes the answers by it and counts what is lost.
"""
