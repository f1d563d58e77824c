using System.Buffers;

namespace KisFeed.Simulator.Market;

/// <summary>
/// A Korean market that exists only in numbers: indices, treasury bonds, program trading in stocks, and futures accounts, each coherent in
/// itself and with the others. It does no I/O, reads no clock and starts no thread; time passes only with <see cref="TryStep"/>. The same
/// options and the same calls give the same records, byte for byte, on every machine.
/// </summary>
/// <remarks>
/// Prices are a function of seed, instrument and market time; quantities of seed, instrument and the number of its moves. So an instrument
/// does the same whatever else is open. Trading hours are 09:00:00 to 15:30:00 on weekdays; at the end of a day the market goes on at once
/// with the next, whose previous closes are the last prices told. Where the first day is taken up later than at 09:00, each instrument has the moves before behind it. An instrument that nobody has open rests, and goes on where it was when it is
/// opened again. Not safe for use by several threads at once.
/// </remarks>
public sealed class KoreanMarket
{
    /// <summary>Steps that may lie before the start: what is gone through, for each instrument, in a few seconds.</summary>
    internal const long MostStepsBefore = 50_000_000;

    private const int UsualRecordLength = 512;

    private readonly ArrayBufferWriter<byte> _buffer = new(UsualRecordLength);
    private readonly MarketClock _clock;
    private readonly MoveSchedule _schedule;
    private readonly InstrumentBook _book;

    /// <summary>A market at the opening of its first day, or where that is taken up.</summary>
    /// <exception cref="ArgumentException">
    /// The first day is no weekday, the step is not between nothing and a trading day, or the start is outside trading hours or further from the
    /// opening than 50 million steps.
    /// </exception>
    public KoreanMarket(MarketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!MarketClock.IsTradingDay(options.Day))
            throw new ArgumentException($"the market does not trade on {options.Day:yyyy-MM-dd}, a {options.Day.DayOfWeek}; choose a day from Monday to Friday", nameof(options));
        if (options.Step <= TimeSpan.Zero || options.Step >= MarketMoment.DayLength)
            throw new ArgumentException($"a step of {options.Step} is not between nothing and a trading day of {MarketMoment.DayLength}", nameof(options));
        if (options.StartAt < MarketHours.Opening || options.StartAt >= MarketHours.Close)
            throw new ArgumentException($"the market cannot start at {options.StartAt:HH:mm:ss}; choose a time from 09:00 and before 15:30", nameof(options));
        var start = new MarketMoment(options.Day, options.StartAt - MarketHours.Opening);
        var warmup = new MarketWarmup(start, options.Step);
        if (warmup.Moves > MostStepsBefore)
            throw new ArgumentException($"before a start at {options.StartAt:HH:mm:ss} there are {warmup.Moves} steps of {options.Step}, more than {MostStepsBefore}; choose an earlier start or a longer step", nameof(options));

        var seed = StableHash.Mix(unchecked((ulong)options.Seed));
        _clock = new MarketClock(start, options.Step);
        _schedule = new MoveSchedule(StableHash.Combine(seed, "schedule"));
        _book = new InstrumentBook(warmup, seed);
        Instruments = InstrumentBook.Listed(options.Day);
    }

    /// <summary>Market time, in Korea's offset: the time of the next event.</summary>
    public DateTimeOffset Now => _clock.Moment.Instant;

    /// <summary>The trading day of the next event.</summary>
    public DateOnly Day => _clock.Moment.Day;

    /// <summary>What is listed on the first day. Other instruments of well-formed codes can be opened as well.</summary>
    public IReadOnlyList<Instrument> Instruments { get; }

    /// <summary>
    /// Whether the market tells of this feed and the key has the form of its keys: four digits for an index; two capital letters and ten capital
    /// letters or digits for a bond; six digits or capital letters for a stock; anything without blanks, control characters, <c>^</c> and
    /// <c>|</c> for an HTS ID.
    /// </summary>
    public static bool IsWellFormed(string trId, string key)
    {
        ArgumentNullException.ThrowIfNull(trId);
        ArgumentNullException.ThrowIfNull(key);
        return StreamKey.TryMake(trId, key, out _);
    }

    /// <summary>
    /// Opens a stream. Opening it again gives the same object, which then is told until each who opened it has closed it.
    /// </summary>
    /// <exception cref="ArgumentException">The feed is unknown or the key malformed.</exception>
    public MarketStream Open(string trId, string key)
    {
        ArgumentNullException.ThrowIfNull(trId);
        ArgumentNullException.ThrowIfNull(key);
        if (!StreamKey.TryMake(trId, key, out var made))
            throw new ArgumentException($"{trId} is no feed of the market or does not have keys of this form", nameof(key));

        var instrument = _book.Get(made);
        var stream = instrument.StreamOf(trId);
        stream.Openers++;
        _schedule.Add(instrument);
        return stream;
    }

    /// <summary>Takes back one <see cref="Open"/>.</summary>
    /// <exception cref="ArgumentException">The stream is another market's.</exception>
    /// <exception cref="InvalidOperationException">The stream is not open.</exception>
    public void Close(MarketStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!_book.Holds(stream))
            throw new ArgumentException($"this stream of {stream.TrId} is another market's", nameof(stream));
        if (!stream.IsOpen)
            throw new InvalidOperationException($"this stream of {stream.TrId} is not open");
        stream.Openers--;
    }

    /// <summary>
    /// Lets one event happen and time go on by a step. One event may concern several streams; at least one record is told.
    /// </summary>
    /// <returns><see langword="false"/> when no stream is open: nothing happened, and no time passed.</returns>
    public bool TryStep(IMarketSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (!_schedule.TryNext(out var instrument))
            return false;
        var moment = _clock.Moment;
        _clock.Advance();
        instrument.Move(moment, new RecordTape(_buffer, sink));
        return true;
    }
}
