using System.CommandLine;
using System.Runtime.InteropServices;
using KisFeed.Simulation.Command;

// The first signal ends the run and reports its progress; a second one ends the process.
using var interruption = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
return await new SimtestCommand().Parse(args)
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, interruption.Token);

void OnSignal(PosixSignalContext context)
{
    if (interruption.IsCancellationRequested)
        return;
    context.Cancel = true;
    interruption.Cancel();
}
