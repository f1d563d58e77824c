using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Watching;

/// <summary>Where people are told things: on standard error, or below the live table, which a line from elsewhere would tear.</summary>
internal sealed class StatusArea(CommandHost host, ITickOutput output)
{
    /// <summary>Shows a bulletin.</summary>
    public void Show(StatusMessage bulletin)
    {
        var live = output as LiveTicks;
        live?.Show(bulletin);
        if (live is null || !host.ErrorIsTerminal)
            host.Tell($"kisfeed: {bulletin.At(host.Time.GetUtcNow())}");
    }
}
