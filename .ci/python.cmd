@echo off
rem Sets PYTHON to the Python that has parlib, for lab.cmd and reports.cmd: that of .venv beside them, of the environment
rem that is active, or of the conda environment "parlib" of this user.
set "PYTHONUTF8=1"
if exist ".venv\Scripts\python.exe" (
  set "PYTHON=%CD%\.venv\Scripts\python.exe"
  set "PATH=%CD%\.venv\Scripts;%PATH%"
  exit /b 0
)
set "PYTHON=python"
python -c "import parlib, papermill" >nul 2>nul && exit /b 0
for %%d in ("%USERPROFILE%\miniforge3" "%USERPROFILE%\miniconda3" "%USERPROFILE%\anaconda3" "%LOCALAPPDATA%\miniforge3" "%LOCALAPPDATA%\miniconda3" "%ProgramData%\miniforge3" "%ProgramData%\miniconda3" "%ProgramData%\anaconda3") do (
  if exist "%%~d\envs\parlib\python.exe" (
    call "%%~d\Scripts\activate.bat" parlib
    exit /b 0
  )
)
echo parlib is not installed here. See docs\windows.md: conda env create -f environment.yml
exit /b 1
