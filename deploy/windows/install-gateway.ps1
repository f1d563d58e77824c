<#
.SYNOPSIS
Runs the KisFeed gateway at every start of Windows. Untested: it was written without a Windows machine.

.DESCRIPTION
Copies kisfeed.exe to Program Files, creates %ProgramData%\KisFeed for tokens, captures, credentials and the log, which only
administrators and the gateway's account can read, and registers a scheduled task that runs as LOCAL SERVICE. A scheduled task, because
a Windows service must answer the service manager, which the command does not. Run it in an administrator's PowerShell:

  .\install-gateway.ps1 -Command .\kisfeed.exe
  .\install-gateway.ps1 -Remove        # keeps %ProgramData%\KisFeed

.PARAMETER Command
The file kisfeed.exe of a release.

.PARAMETER Arguments
The options of 'kisfeed gateway'.
#>
#Requires -RunAsAdministrator
param(
    [string] $Command,
    [string] $Arguments = '--live --keep index:0001,index:1001',
    [switch] $Remove
)
$ErrorActionPreference = 'Stop'
$task = 'KisFeed gateway'
$program = Join-Path $env:ProgramFiles 'KisFeed'
$data = Join-Path $env:ProgramData 'KisFeed'

if (Get-ScheduledTask -TaskName $task -ErrorAction SilentlyContinue) {
    Stop-ScheduledTask -TaskName $task
    Unregister-ScheduledTask -TaskName $task -Confirm:$false
}
if ($Remove) {
    Remove-Item -Recurse -Force $program -ErrorAction SilentlyContinue
    return
}
if (-not (Test-Path $Command)) { throw "There is no file '$Command'. Name kisfeed.exe of a release with -Command." }

New-Item -ItemType Directory -Force $program, $data | Out-Null
Copy-Item $Command (Join-Path $program 'kisfeed.exe') -Force
# Administrators (S-1-5-32-544), SYSTEM (S-1-5-18) and LOCAL SERVICE (S-1-5-19) only.
icacls $data /inheritance:r /grant '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' '*S-1-5-19:(OI)(CI)M' | Out-Null
foreach ($name in 'appkey', 'appsecret') {
    $file = Join-Path $data $name
    if (-not (Test-Path $file)) { New-Item -ItemType File $file | Out-Null }
}

# Starts again 10 s after a crash or a lost connection (4), but not after wrong options (1) or refused credentials (3).
@"
@echo off
set HOME=$data
set KISFEED_APPKEY_FILE=$data\appkey
set KISFEED_APPSECRET_FILE=$data\appsecret
:run
"$program\kisfeed.exe" gateway $Arguments --tokens "$data\gateway-tokens.json" --record "$data\capture" >> "$data\gateway.log" 2>&1
if %errorlevel% equ 0 exit /b 0
if %errorlevel% equ 1 exit /b 1
if %errorlevel% equ 3 exit /b 3
ping -n 11 127.0.0.1 > nul
goto run
"@ | Set-Content -Encoding ASCII (Join-Path $program 'gateway.cmd')

Register-ScheduledTask -TaskName $task `
    -Action (New-ScheduledTaskAction -Execute (Join-Path $program 'gateway.cmd') -WorkingDirectory $data) `
    -Trigger (New-ScheduledTaskTrigger -AtStartup) `
    -Principal (New-ScheduledTaskPrincipal -UserId 'S-1-5-19' -LogonType ServiceAccount) `
    -Settings (New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -MultipleInstances IgnoreNew `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries) | Out-Null
Write-Host "Write the credentials into $data\appkey and $data\appsecret, add a consumer:"
Write-Host "  & '$program\kisfeed.exe' gateway token add desk --file '$data\gateway-tokens.json'"
Write-Host "and start the gateway: Start-ScheduledTask '$task'. Its log is $data\gateway.log."
