using KisFeed.Wire;

namespace KisFeed;

/// <summary>
/// A registration of a <see cref="FrameTap"/> did not come about, or could not be restored, and is gone for good; whoever adds it again begins anew.
/// </summary>
public sealed record RegistrationRefused : FeedEvent
{
    /// <summary>When it was noticed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The code of the broker; <see langword="null"/> where no answer of the broker is the reason.</summary>
    public BrokerCode? Code { get; init; }

    /// <summary>The text of the broker, without what it may repeat of ours; empty where there is none.</summary>
    public string BrokerText { get; init; } = "";

    /// <summary>What is wrong and what to do. Holds no secret.</summary>
    public required string Problem { get; init; }

    private protected override string Description => $"{Problem}, at {TimeText(At)}";
}
