using Microsoft.Extensions.Logging;

namespace KisFeed.Server;

/// <summary>Passes on what is a warning or worse.</summary>
/// <param name="inner">Where to; not disposed with this.</param>
internal sealed class WarningLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new WarningLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner one is its owner's.
    }
}
