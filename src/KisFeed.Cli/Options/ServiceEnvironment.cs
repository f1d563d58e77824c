namespace KisFeed.Cli.Options;

/// <summary>Which of the broker's services to use, by the names that users give them.</summary>
internal enum ServiceEnvironment
{
    /// <summary>The production service (실전투자).</summary>
    Prod,

    /// <summary>The mock service (모의투자).</summary>
    Mock,
}
