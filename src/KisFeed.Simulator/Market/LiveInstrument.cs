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

    /// <summary>Lets the day go on as if it had moved at every event, and tells nobody.</summary>
    public void Pass(in MarketWarmup warmup)
    {
        var until = warmup.Until;
        EnterDay(until);
        for (var second = until.DayOpening; second.SinceOpen < until.SinceOpen; second = second with { SinceOpen = second.SinceOpen + TimeSpan.FromSeconds(1) })
            FollowPrice(second);
        FollowPrice(until);
        PassWithinDay(warmup);
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

    /// <summary>Takes the price of a moment into the day's.</summary>
    protected abstract void FollowPrice(in MarketMoment moment);

    /// <summary>Adds up what a move at every event since the opening brings, whoever might have listened.</summary>
    protected abstract void PassWithinDay(in MarketWarmup warmup);
}
