namespace KisFeed.Gateway;

/// <summary>What a hub is to keep to.</summary>
internal sealed record HubSettings
{
    /// <summary>What the registrations keep to.</summary>
    public required BookRules Book { get; init; }

    /// <summary>Where the data come from; <see langword="null"/> if upstream has to tell.</summary>
    public DataSource? Source { get; init; }

    /// <summary>Which of the broker's services upstream is.</summary>
    public required KisEnvironment Environment { get; init; }

    /// <summary>How long a consumer waits for upstream's answer.</summary>
    public required TimeSpan RegisterTimeout { get; init; }

    /// <summary>Whether a recorder beside the hub takes order notices.</summary>
    public bool RecordNotices { get; init; }

    public required TimeProvider TimeProvider { get; init; }
}
