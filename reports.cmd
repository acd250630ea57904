@echo off
rem Renders the yearly reports in every format, as "make reports" does; with arguments, what these say:
rem     reports.cmd 2023/ministry --to html,pdf
setlocal
chcp 65001 >nul
rem A network folder (\\server\share) has no drive: pushd gives it one, popd takes it back.
pushd "%~dp0" || goto failed
call .ci\python.cmd || goto failed
if "%~1"=="" goto usual
"%PYTHON%" -m parlib.cli batch %*
if errorlevel 1 goto failed
goto done

:usual
"%PYTHON%" -m parlib.cli batch 2023/ministry 2023/province 2024/papi --to html,pdf,docx,xlsx,press,data
if errorlevel 1 goto failed
"%PYTHON%" -m parlib.cli batch 2023/province --notebook year_overview --to html,pdf,docx,xlsx,press,data
if errorlevel 1 goto failed

:done
popd
exit /b 0

:failed
echo.
echo Something is missing; what it is stands above. To check this machine, type in this folder: python -m parlib.cli doctor
popd
pause
exit /b 1
