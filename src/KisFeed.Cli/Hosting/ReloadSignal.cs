namespace KisFeed.Cli.Hosting;

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
