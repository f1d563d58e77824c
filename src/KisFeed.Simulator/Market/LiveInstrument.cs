using System.Buffers;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>
/// An instrument or account that moves by itself and publishes its moves in one or more streams. Its prices are a function of seed, code
/// and market time; its quantities come from its own random numbers, move by move. So neither depends on other open streams.
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

    /// <summary>How often it moves, relative to others.</summary>
    public abstract int Weight { get; }

    public bool IsScheduled { get; set; }

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

    public MarketStream StreamOf(string trId) => Array.Find(_streams, stream => stream.TrId.Equals(trId, StringComparison.Ordinal))
        ?? throw new ArgumentException($"{trId} is not a feed of this kind of instrument", nameof(trId));

    /// <summary>Moves once and writes at least one record. At least one stream must be open.</summary>
    public void Move(in MarketMoment moment, RecordWriter writer)
    {
        EnterDay(moment);
        MoveWithinDay(moment, writer);
    }

    /// <summary>Advances the day as if it had moved at every event, without writing records.</summary>
    public void WarmUp(in MarketWarmup warmup)
    {
        var until = warmup.Until;
        EnterDay(until);
        for (var second = until.DayOpening;
            second.SinceOpen < until.SinceOpen;
            second = second with { SinceOpen = second.SinceOpen + TimeSpan.FromSeconds(1) })
        {
            AddPriceAt(second);
        }
        AddPriceAt(until);
        WarmUpWithinDay(warmup);
    }

    /// <summary>Begins the day of the moment if it has not begun yet.</summary>
    protected void EnterDay(in MarketMoment moment)
    {
        if (_day == moment.Day)
            return;
        _day = moment.Day;
        BeginDay(moment.DayOpening);
    }

    /// <summary>Makes the last price the previous close and resets the cumulative quantities.</summary>
    protected abstract void BeginDay(in MarketMoment opening);

    protected abstract void MoveWithinDay(in MarketMoment moment, RecordWriter writer);

    /// <summary>Adds the price of a moment to the day's prices.</summary>
    protected abstract void AddPriceAt(in MarketMoment moment);

    /// <summary>Accumulates the quantities of a move at every event since the opening.</summary>
    protected abstract void WarmUpWithinDay(in MarketWarmup warmup);
}

internal readonly struct RecordWriter(ArrayBufferWriter<byte> buffer, IMarketSink sink)
{
    /// <summary>Encodes a record and passes it to the sink if the stream is open.</summary>
    public void Write<TRecord>(MarketStream stream, in TRecord record)
        where TRecord : struct, IFeedRecord<TRecord>
    {
        if (!stream.IsOpen)
            return;
        buffer.ResetWrittenCount();
        TRecord.Encode(in record, buffer);
        sink.OnRecord(stream, buffer.WrittenSpan);
    }

    /// <summary>Passes the text of a record to the sink if the stream is open.</summary>
    public void WriteText(MarketStream stream, StringBuilder record)
    {
        if (!stream.IsOpen)
            return;
        buffer.ResetWrittenCount();
        foreach (var chunk in record.GetChunks())
            Encoding.UTF8.GetBytes(chunk.Span, buffer);
        sink.OnRecord(stream, buffer.WrittenSpan);
    }
}

/// <summary>The price changes between two days.</summary>
internal static class Overnight
{
    // Small against the moves of a day, large enough that levels stay plausible however many days are simulated.
    private const double ReversionRate = 0.05;

    /// <summary>The level around which the next day's prices move: the last close, pulled slightly towards the initial level.</summary>
    public static double Anchor(double close, double initialLevel) => close + (ReversionRate * (initialLevel - close));
}
