using System.Runtime.InteropServices;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or SIGHUP of the process into a cancellation; a second one ends the process at once. Active from
/// construction, because System.CommandLine handles signals only once a command runs.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    // A reader that is only slow gets what the command still has to say.
    private static readonly TimeSpan s_outputPatience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _source = new();
    private readonly CancellationTokenSource _outputAbandoned = new();
    private readonly PosixSignalRegistration[] _registrations;

    public ProcessSignals()
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Cancelled a moment after <see cref="Token"/>: from then on output that nobody reads is not waited for.</summary>
    public CancellationToken OutputAbandoned => _outputAbandoned.Token;

    /// <summary>Handles SIGHUP first.</summary>
    public ReloadSignal Reload { get; } = new();

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
        _outputAbandoned.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            return;
        if (context.Signal == PosixSignal.SIGHUP && Reload.TryHandle())
        {
            context.Cancel = true;
            return;
        }

        context.Cancel = true;
        _outputAbandoned.CancelAfter(s_outputPatience);
        _source.Cancel();
    }
}
