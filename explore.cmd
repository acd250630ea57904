@echo off
rem Opens the page for exploring, without code: a double click is enough. Stays open when something is wrong.
setlocal
chcp 65001 >nul
rem A network folder (\\server\share) has no drive: pushd gives it one, popd takes it back.
pushd "%~dp0" || goto failed
call .ci\python.cmd || goto failed
"%PYTHON%" -m parlib.cli explore %*
if errorlevel 1 goto failed
popd
exit /b 0

:failed
echo.
echo The page did not open. To see why, type in this folder: python -m parlib.cli doctor
popd
pause
exit /b 1
