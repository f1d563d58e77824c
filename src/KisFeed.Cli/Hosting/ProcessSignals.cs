using System.Runtime.InteropServices;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or SIGHUP of the process into a cancellation; a second one ends the process at once. Active from
/// construction, because System.CommandLine handles signals only once a command runs.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly ReloadSignal _reload;
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Starts listening.</summary>
    /// <param name="reload">Handles SIGHUP first.</param>
    public ProcessSignals(ReloadSignal reload)
    {
        _reload = reload;
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            return;
        if (context.Signal == PosixSignal.SIGHUP && _reload.TryHandle())
        {
            context.Cancel = true;
            return;
        }

        context.Cancel = true;
        _source.Cancel();
    }
}

/// <summary>Handles SIGHUP: a service reloads its settings; for any other command it means that the terminal was closed, and ends the command.</summary>
internal sealed class ReloadSignal
{
    private volatile Action? _reload;

    /// <summary>Sets the action for the signal until the result is disposed.</summary>
    public IDisposable Use(Action reload)
    {
        _reload = reload;
        return new Usage(this);
    }

    /// <summary>Runs the action; <see langword="false"/> if none is set.</summary>
    public bool TryHandle()
    {
        var reload = _reload;
        reload?.Invoke();
        return reload is not null;
    }

    private sealed class Usage(ReloadSignal reload) : IDisposable
    {
        public void Dispose() => reload._reload = null;
    }
}
