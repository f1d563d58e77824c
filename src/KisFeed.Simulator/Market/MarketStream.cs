namespace KisFeed.Simulator.Market;

/// <summary>One feed of one instrument or account. A market has one object for each TR ID and key.</summary>
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

    /// <summary>The code of the instrument, or the HTS ID of an account.</summary>
    public string Key { get; }

    /// <summary>Whether the stream is open. Only open streams produce records.</summary>
    public bool IsOpen => Openers > 0;

    internal LiveInstrument Source { get; }

    internal int Openers { get; set; }

    /// <summary>Returns the TR ID only, because the key may identify a customer.</summary>
    public override string ToString() => TrId;
}
