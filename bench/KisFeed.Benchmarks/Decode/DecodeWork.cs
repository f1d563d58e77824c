using System.Text;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>
/// The compared ways to read a frame of one record. Each returns a value that depends on the result, so that no work is optimized away.
/// </summary>
internal sealed class DecodeWork<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly FeedSchema _feed;
    private readonly byte[] _frame;
    private readonly string _text;
    private readonly int[] _numeric;
    private readonly bool[] _isNumeric;
    private readonly int[] _three;
    private readonly RecordReading<TRecord> _readAll;
    private readonly StringPool _texts = new();
    private readonly decimal[] _numbers;
    private readonly Range[] _ranges;
    private readonly RecordReaderBuffer _readerBuffer = new();

    /// <summary>Initializes the work for one frame.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="frame">The frame, in plain form.</param>
    /// <param name="three">Three numeric columns, for <see cref="ThreeOfAll"/>.</param>
    /// <param name="readAll">Reads every property of a record.</param>
    public DecodeWork(Feed<TRecord> feed, string frame, int[] three, RecordReading<TRecord> readAll)
    {
        _feed = feed.Schema;
        _text = frame;
        _frame = Encoding.UTF8.GetBytes(frame);

        // The frame may end before the columns of the record.
        _isNumeric = [.. _feed.Columns.Take(frame.Split('|', 4)[3].Split('^').Length).Select(c => c.IsNumeric)];
        _numeric = [.. _isNumeric.Index().Where(c => c.Item).Select(c => c.Index)];
        _three = three;
        _readAll = readAll;
        _numbers = new decimal[_isNumeric.Length];
        _ranges = new Range[_isNumeric.Length];
    }

    public string Subject => $"{_feed.TrId}, {_frame.Length} bytes, {_isNumeric.Length} columns";

    public IReadOnlyList<Candidate> Candidates =>
    [
        Of(DecodeNames.Typed, Typed),
        Of(DecodeNames.TypedAndRead, TypedAndRead),
        Of(DecodeNames.ThreeOfAll, ThreeOfAll),
        Of(DecodeNames.Split, Split),
        Of(DecodeNames.Spans, Spans),
        Of(DecodeNames.Scan, Scan),
    ];

    /// <summary>Parses and checks the frame, finds its layout, and decodes all columns into a record.</summary>
    public long Typed()
    {
        Decode(_frame, out var record);
        return record.ReceivedAt.Ticks;
    }

    /// <summary>Also reads every property of the record.</summary>
    public long TypedAndRead()
    {
        Decode(_frame, out var record);
        return _readAll(record);
    }

    /// <summary>Parses the frame, finds its layout, locates all columns and reads three of them.</summary>
    public long ThreeOfAll()
    {
        if (!DataFrame.TryParse(_frame, out var frame, out _) || !_readerBuffer.TryRead(_feed, frame, out var reader, out _))
            throw new InvalidOperationException("the frame is wrong");
        if (!reader.MoveNext())
            throw new InvalidOperationException("the frame is empty");
        var fields = reader.Current;
        var sum = 0;
        foreach (var column in _three)
        {
            if (!FieldText.TryReadDecimal(fields[column], out var value, out _))
                throw new InvalidOperationException("a column is wrong");
            sum += value.Scale;
        }

        return sum;
    }

    public long Split() => SplitRecord.Read(_text, _numeric).Numbers.Length;

    public long Spans()
    {
        SpanRecord.Read(_frame, _isNumeric, _ranges, _numbers);
        return _numbers[_numeric[0]].Scale;
    }

    /// <summary>Scans every byte once: the lower bound for any reader.</summary>
    public long Scan() => _frame.AsSpan().Count((byte)'^');

    private static Candidate Of(string name, Func<long> work) => new(name, _ => Task.FromResult(TimedLoop.Of(work)));

    private void Decode(ReadOnlySpan<byte> bytes, out TRecord record)
    {
        if (!DataFrame.TryParse(bytes, out var frame, out _) || !_readerBuffer.TryRead(_feed, frame, out var reader, out _))
            throw new InvalidOperationException("the frame is wrong");
        if (!reader.MoveNext())
            throw new InvalidOperationException("the frame is empty");
        if (!TRecord.TryDecode(reader.Current, _texts, DateTimeOffset.UnixEpoch, out record, out var error))
            throw new InvalidOperationException(error.ToString());
    }
}

/// <summary>Reads every property of a record and returns a value that depends on all of them.</summary>
internal delegate long RecordReading<TRecord>(in TRecord record);

/// <summary>The sample of H0UPCNT0.</summary>
public class IndexDecode : DecodeBenchmarks<IndexTrade>
{
    private protected override DecodeWork<IndexTrade> Work { get; } = new(IndexTrade.Feed, Samples.Index, [2, 4, 9], Samples.ReadAll);
}

/// <summary>The sample of H0BJCNT0.</summary>
public class BondDecode : DecodeBenchmarks<BondTrade>
{
    private protected override DecodeWork<BondTrade> Work { get; } = new(BondTrade.Feed, Samples.Bond, [6, 7, 12], Samples.ReadAll);
}

/// <summary>The sample of H0NXPGM0 and H0UNPGM0.</summary>
public class ProgramDecode : DecodeBenchmarks<ProgramTrade>
{
    private protected override DecodeWork<ProgramTrade> Work { get; } =
        new(ProgramTrade.Consolidated, Samples.ProgramOfBoth, [2, 6, 7], Samples.ReadAll);
}

/// <summary>The sample of H0IFCNI0, in plain form.</summary>
public class NoticeDecode : DecodeBenchmarks<OrderNotice>
{
    private protected override DecodeWork<OrderNotice> Work { get; } = new(OrderNotice.Feed, Samples.Notice, [8, 9, 15], Samples.ReadAll);
}
