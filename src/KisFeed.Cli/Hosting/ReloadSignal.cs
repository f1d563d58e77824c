namespace KisFeed.Cli.Hosting;

/// <summary>
/// Handles SIGHUP: a service reloads its settings; for any other command it means that the terminal was closed, and ends the command.
/// </summary>
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
