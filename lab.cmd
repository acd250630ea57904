@echo off
rem Opens JupyterLab on the notebooks. Needs the environment of environment.yml; stays open when something is wrong.
chcp 65001 >nul
cd /d "%~dp0"
set PYTHON=python
if exist ".venv\Scripts\python.exe" set PYTHON=.venv\Scripts\python.exe
rem parlib in the terminal of JupyterLab
if exist ".venv\Scripts\parlib.exe" set "PATH=%~dp0.venv\Scripts;%PATH%"
"%PYTHON%" -m jupyter lab --notebook-dir=notebooks
if errorlevel 1 (
  echo.
  echo JupyterLab did not start. Open "Anaconda Prompt" and type: conda activate parlib
  pause
)
