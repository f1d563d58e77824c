using System.Runtime.InteropServices;

namespace KisFeed.Cli.Hosting;

/// <summary>
/// Turns the first Ctrl-C, SIGTERM or SIGHUP of the process into a cancellation; a second one ends the process at once. In force from its creation
/// on: the command-line library would begin to listen only after a verb has begun to work.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly ReloadSignal _reload;
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on.</summary>
    /// <param name="reload">What is asked first what SIGHUP means.</param>
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

/// <summary>What SIGHUP means: the end of the terminal and so of the command, unless a service reads its settings anew then, as is usual.</summary>
internal sealed class ReloadSignal
{
    private volatile Action? _reload;

    /// <summary>Has the signal do this, until what is returned is disposed of.</summary>
    public IDisposable Use(Action reload)
    {
        _reload = reload;
        return new Usage(this);
    }

    /// <summary>Does what was asked for; <see langword="false"/> where nothing was.</summary>
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
