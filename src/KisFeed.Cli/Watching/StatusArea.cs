using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Watching;

/// <summary>Where people are told things: on standard error, or below the live table, which a line from elsewhere would tear.</summary>
internal sealed class StatusArea(CommandHost host, ITickOutput output)
{
    /// <summary>Shows a bulletin.</summary>
    public void Show(StatusMessage message)
    {
        var live = output as LiveTicks;
        live?.Show(message);
        if (live is null || !host.ErrorIsTerminal)
            host.Tell($"kisfeed: {message.At(host.Time.GetUtcNow())}");
    }
}
