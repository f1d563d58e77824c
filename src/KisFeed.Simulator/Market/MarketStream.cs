namespace KisFeed.Simulator.Market;

/// <summary>One feed of one instrument or account. A market has one object for each TR ID and key, whoever opens it.</summary>
public sealed class MarketStream
{
    internal MarketStream(string trId, string key, LiveInstrument source)
    {
        TrId = trId;
        Key = key;
        Source = source;
    }

    /// <summary>The feed, e.g. <c>H0UPCNT0</c>.</summary>
    public string TrId { get; }

    /// <summary>The instrument, or the HTS ID of an account, as it was asked for.</summary>
    public string Key { get; }

    /// <summary>Whether somebody has it open: only then are its records told.</summary>
    public bool IsOpen => Openers > 0;

    internal LiveInstrument Source { get; }

    internal int Openers { get; set; }

    /// <summary>The TR ID; the key may be a customer's.</summary>
    public override string ToString() => TrId;
}
