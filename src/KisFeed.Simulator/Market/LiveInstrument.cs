namespace KisFeed.Simulator.Market;

/// <summary>
/// Something of the market that moves by itself and tells of it in one or more streams. Its prices are a function of seed, code and market
/// time; its quantities come from its own random numbers, move by move. So neither depends on what else is open.
/// </summary>
internal abstract class LiveInstrument
{
    private readonly MarketStream[] _streams;
    private DateOnly? _day;

    protected LiveInstrument(string key, params ReadOnlySpan<string> trIds)
    {
        _streams = new MarketStream[trIds.Length];
        for (var i = 0; i < trIds.Length; i++)
            _streams[i] = new MarketStream(trIds[i], key, this);
    }

    /// <summary>How often it moves, compared with others.</summary>
    public abstract int Weight { get; }

    /// <summary>Whether it stands in the market's schedule.</summary>
    public bool IsScheduled { get; set; }

    /// <summary>Whether anybody would hear of a move.</summary>
    public bool HasOpenStream
    {
        get
        {
            foreach (var stream in _streams)
            {
                if (stream.IsOpen)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Its stream for a TR ID.</summary>
    public MarketStream StreamOf(string trId) => Array.Find(_streams, stream => stream.TrId.Equals(trId, StringComparison.Ordinal))
        ?? throw new ArgumentException($"{trId} does not tell of this kind of instrument", nameof(trId));

    /// <summary>Lets it move once and tell of it. At least one stream must be open; at least one record is told.</summary>
    public void Move(in MarketMoment moment, RecordTape tape)
    {
        EnterDay(moment);
        MoveWithinDay(moment, tape);
    }

    /// <summary>Begins the day of the moment, if that has not happened yet.</summary>
    protected void EnterDay(in MarketMoment moment)
    {
        if (_day == moment.Day)
            return;
        _day = moment.Day;
        BeginDay(moment.DayOpening);
    }

    /// <summary>Takes the last price for the previous close and sets what accumulates to zero.</summary>
    protected abstract void BeginDay(in MarketMoment opening);

    protected abstract void MoveWithinDay(in MarketMoment moment, RecordTape tape);
}
