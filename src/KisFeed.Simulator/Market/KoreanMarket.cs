using System.Buffers;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Simulator.Market;

/// <summary>
/// A simulated Korean market: indices, treasury bonds, program trading in stocks, and futures accounts, each consistent in itself and with
/// the others. It does no I/O, reads no clock and starts no thread; time passes only with <see cref="TryStep"/>. The same options and the
/// same calls give the same records, byte for byte, on every machine.
/// </summary>
/// <remarks>
/// Prices are a function of seed, instrument and market time; quantities are a function of seed, instrument and the number of its
/// moves. So an instrument behaves the same whatever else is open. Trading hours are 09:00:00 to 15:30:00 on weekdays. At the end of a
/// day the market continues immediately with the next, whose previous closes are the last published prices. If the first day starts
/// later than 09:00, each instrument has gone through the moves before. An instrument without an open stream pauses, and continues when
/// it is opened again. Not thread-safe.
/// </remarks>
public sealed class KoreanMarket
{
    /// <summary>The maximum number of steps before the start: each instrument goes through them in a few seconds.</summary>
    internal const long MaxStepsBefore = 50_000_000;

    private const int UsualRecordLength = 512;

    private readonly ArrayBufferWriter<byte> _buffer = new(UsualRecordLength);
    private readonly MarketClock _clock;
    private readonly MoveSchedule _schedule;
    private readonly InstrumentTable _instruments;

    /// <summary>Creates a market at the opening of its first day, or at a later start.</summary>
    /// <exception cref="ArgumentException">
    /// The first day is not a weekday, the step is not between zero and a trading day, or the start is outside trading hours or more than
    /// 50 million steps after the opening.
    /// </exception>
    public KoreanMarket(MarketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!MarketClock.IsTradingDay(options.Day))
        {
            throw new ArgumentException(
                $"the market does not trade on {options.Day:yyyy-MM-dd}, a {options.Day.DayOfWeek}; choose a day from Monday to Friday",
                nameof(options));
        }
        if (options.Step <= TimeSpan.Zero || options.Step >= MarketMoment.DayLength)
        {
            throw new ArgumentException($"the step {options.Step} is not valid; it must be more than zero and shorter than a trading day "
                + $"of {MarketMoment.DayLength}", nameof(options));
        }
        if (options.StartAt < MarketHours.Opening || options.StartAt >= MarketHours.Close)
        {
            throw new ArgumentException(
                $"the market cannot start at {options.StartAt:HH:mm:ss}; choose a time from 09:00 and before 15:30", nameof(options));
        }
        var start = new MarketMoment(options.Day, options.StartAt - MarketHours.Opening);
        var warmup = new MarketWarmup(start, options.Step);
        if (warmup.Moves > MaxStepsBefore)
        {
            throw new ArgumentException($"before a start at {options.StartAt:HH:mm:ss} there are {warmup.Moves} steps of {options.Step}, "
                + $"more than {MaxStepsBefore}; choose an earlier start or a longer step", nameof(options));
        }

        var seed = StableHash.Mix(unchecked((ulong)options.Seed));
        _clock = new MarketClock(start, options.Step);
        _schedule = new MoveSchedule(StableHash.Combine(seed, "schedule"));
        _instruments = new InstrumentTable(warmup, seed, options.Catalog);
        Catalog = options.Catalog;
        Instruments = InstrumentTable.Listed(options.Day);
    }

    /// <summary>Market time, in Korea's offset: the time of the next event.</summary>
    public DateTimeOffset Now => _clock.Moment.Instant;

    /// <summary>The trading day of the next event.</summary>
    public DateOnly Day => _clock.Moment.Day;

    /// <summary>The instruments listed on the first day. Other instruments with well-formed codes can be opened too.</summary>
    public IReadOnlyList<ListedInstrument> Instruments { get; }

    /// <summary>The feeds of the market.</summary>
    internal FeedCatalog Catalog { get; }

    /// <summary>
    /// Whether the market has this feed and the key has the format of its keys: four digits for an index; two capital letters and ten
    /// capital letters or digits for a bond; six digits or capital letters for a stock; anything without blanks, control characters,
    /// <c>^</c> and <c>|</c> for an HTS ID.
    /// </summary>
    /// <param name="trId">The TR ID of the feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="catalog">The feeds of the market. Default: all feeds of the library.</param>
    public static bool IsWellFormed(string trId, string key, FeedCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(trId);
        ArgumentNullException.ThrowIfNull(key);
        return MarketStreamKey.TryCreate(catalog ?? KisFeeds.Catalog, trId, key, out _);
    }

    /// <summary>
    /// Opens a stream. Opening it again returns the same object. It stays open until it has been closed as often as it was opened.
    /// </summary>
    /// <exception cref="ArgumentException">The feed is unknown or the key is malformed.</exception>
    public MarketStream Open(string trId, string key)
    {
        ArgumentNullException.ThrowIfNull(trId);
        ArgumentNullException.ThrowIfNull(key);
        if (!MarketStreamKey.TryCreate(Catalog, trId, key, out var streamKey))
            throw new ArgumentException($"{trId} is not a feed of the market, or the key does not have its format", nameof(key));

        var instrument = _instruments.Get(streamKey);
        var stream = instrument.StreamOf(trId);
        stream.Openers++;
        _schedule.Add(instrument);
        return stream;
    }

    /// <summary>Closes a stream, reversing one <see cref="Open"/>.</summary>
    /// <exception cref="ArgumentException">The stream belongs to another market.</exception>
    /// <exception cref="InvalidOperationException">The stream is not open.</exception>
    public void Close(MarketStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!_instruments.Contains(stream))
            throw new ArgumentException($"this stream of {stream.TrId} belongs to another market", nameof(stream));
        if (!stream.IsOpen)
            throw new InvalidOperationException($"this stream of {stream.TrId} is not open");
        stream.Openers--;
    }

    /// <summary>
    /// Executes one event and advances time by a step. One event may affect several streams and produces at least one record.
    /// </summary>
    /// <returns><see langword="false"/> if no stream is open. Then nothing happens and no time passes.</returns>
    public bool TryStep(IMarketSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (!_schedule.TryNext(out var instrument))
            return false;
        var moment = _clock.Moment;
        _clock.Advance();
        instrument.Move(moment, new RecordWriter(_buffer, sink));
        return true;
    }
}

/// <summary>
/// The options of a market. Markets with equal options and the same calls in the same order produce the same records, byte for byte.
/// </summary>
public sealed record MarketOptions
{
    /// <summary>The default options.</summary>
    public static MarketOptions Default { get; } = new();

    /// <summary>The feeds. Records of those that the market does not model are generated. Default: all feeds of the library.</summary>
    public FeedCatalog Catalog { get; init; } = KisFeeds.Catalog;

    /// <summary>The seed of all random choices. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The first trading day: Monday to Friday, holidays included. Default: Friday, 20 November 2026.</summary>
    public DateOnly Day { get; init; } = new(2026, 11, 20);

    /// <summary>
    /// The time of day in Korea at which the market starts on its first day: from 09:00 and before 15:30. Each instrument then has the
    /// cumulative quantities of a move at every <see cref="Step"/> since the opening, without records. So they are never lower than those
    /// that a market with the same seed and step, started earlier, has by then. Default: 09:00.
    /// </summary>
    public TimeOnly StartAt { get; init; } = MarketHours.Opening;

    /// <summary>The market time that passes with each event, shorter than a trading day. Default: 20 ms.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMilliseconds(20);
}

/// <summary>Receives the records of a market.</summary>
public interface IMarketSink
{
    /// <summary>
    /// Called for each record of an event, once for every affected open stream. The implementation may open and close
    /// streams but must not step the market.
    /// </summary>
    /// <param name="stream">The stream the record belongs to.</param>
    /// <param name="record">The record's fields as UTF-8, <c>^</c>-separated; valid during the call.</param>
    void OnRecord(MarketStream stream, ReadOnlySpan<byte> record);
}
