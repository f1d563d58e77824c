namespace KisFeed;

/// <summary>Which of the broker's services to use.</summary>
public enum KisEnvironment
{
    /// <summary>The production service (실전투자).</summary>
    Production,

    /// <summary>The mock service (모의투자), which of these feeds has only the order notice.</summary>
    Mock,

    /// <summary>A KisFeed simulator or replay, which has the feeds of both services, each under its own TR ID. Requires <see cref="KisFeedOptions.WebSocketUrl"/>.</summary>
    Simulator,
}
