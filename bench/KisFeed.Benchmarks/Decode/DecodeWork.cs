using System.Text;
using KisFeed.Feeds;
using KisFeed.Wire;

namespace KisFeed.Benchmarks.Decode;

/// <summary>One published sample frame, and the ways of reading it that are compared. Each returns something that hangs on what it read, so that nothing can be left out.</summary>
internal sealed class DecodeWork<TRecord>
    where TRecord : struct, IFeedRecord<TRecord>
{
    private readonly FeedSchema _feed;
    private readonly byte[] _frame;
    private readonly string _text;
    private readonly int[] _numeric;
    private readonly bool[] _isNumeric;
    private readonly int[] _three;
    private readonly Func<TRecord, long> _readAll;
    private readonly TextPool _texts = new();
    private readonly decimal[] _numbers;
    private readonly Range[] _ranges;

    /// <summary>Work on one frame.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="frame">A frame of one record.</param>
    /// <param name="three">Three decimal columns that somebody may want who wants no more.</param>
    /// <param name="readAll">Reads every property of a record.</param>
    public DecodeWork(Feed<TRecord> feed, string frame, int[] three, Func<TRecord, long> readAll)
    {
        _feed = feed.Schema;
        _text = frame;
        _frame = Encoding.UTF8.GetBytes(frame);
        _numeric = SplitRecord.NumericColumns(_feed);
        _isNumeric = [.. _feed.Columns.Select(c => c.IsNumeric)];
        _three = three;
        _readAll = readAll;
        _numbers = new decimal[_isNumeric.Length];
        _ranges = new Range[_isNumeric.Length];
    }

    public string Feed => _feed.TrId;

    public int Bytes => _frame.Length;

    /// <summary>The frame split and checked, its layout found, every column located, decoded and kept in a record.</summary>
    public long Typed() => Decode().ReceivedAt.Ticks;

    /// <summary>The same, and every property of the record read.</summary>
    public long TypedAndRead() => _readAll(Decode());

    /// <summary>The frame split, its layout found, every column located, three of them read.</summary>
    public long ThreeOfAll()
    {
        if (!DataFrame.TryParse(_frame, out var frame, out _) || !_feed.TryResolve(frame, out var shape, out _))
            throw new InvalidOperationException("the frame is wrong");
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        var sum = 0;
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            foreach (var column in _three)
            {
                if (!FieldText.TryReadDecimal(fields[column], out var value, out _))
                    throw new InvalidOperationException("a column is wrong");
                sum += value.Scale;
            }
        }

        return sum;
    }

    public long Split() => SplitRecord.Read(_text, _numeric).Numbers.Length;

    public long Spans()
    {
        SpanRecord.Read(_frame, _isNumeric, _ranges, _numbers);
        return _numbers[_numeric[0]].Scale;
    }

    /// <summary>Every byte looked at once, and nothing done with it: no reader can be faster.</summary>
    public long Scan() => _frame.AsSpan().Count((byte)'^');

    private TRecord Decode()
    {
        if (!DataFrame.TryParse(_frame, out var frame, out _) || !_feed.TryResolve(frame, out var shape, out _))
            throw new InvalidOperationException("the frame is wrong");
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        TRecord record = default;
        while (reader.MoveNext())
        {
            if (!TRecord.TryDecode(reader.Current, _texts, DateTimeOffset.UnixEpoch, out record, out var error))
                throw new InvalidOperationException(error.ToString());
        }

        return record;
    }
}
