using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using KisFeed.Output;
using KisFeed.Tests.Feeds;

namespace KisFeed.Tests.Wire;

/// <summary>Checks properties of every input that is accepted as a frame.</summary>
internal sealed class FrameCheck(FeedCatalog catalog) : IDisposable
{
    private readonly Dictionary<string, Decoder> _decoders = new(StringComparer.Ordinal);
    private readonly StringPool _texts = new();
    private readonly RecordReaderBuffer _scratch = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, RecordJson.WriterOptions);

    private delegate void Decoder(FeedSchema feed, DataFrame frame, FrameShape shape);

    /// <summary>The number of frames of which every record was decoded, encoded and decoded again.</summary>
    public int RoundTrips { get; private set; }

    public void Dispose() => _json.Dispose();

    public void Run(byte[] input) => Run(input.AsSpan());

    public void Run(ReadOnlySpan<byte> input)
    {
        if (!DataFrame.TryParse(input, out var frame, out var error))
        {
            ShouldPointInto(error, input);
            return;
        }

        frame.Count.ShouldBeGreaterThan(0);
        if (!catalog.TryGet(frame.TrId, out var feed))
            return;
        OnePassCheck.Of(feed, frame, _scratch);
        if (!feed.TryResolve(frame, out var shape, out error))
        {
            ShouldPointInto(error, input);
            return;
        }

        if (!_decoders.TryGetValue(feed.RecordName, out var decode))
        {
            var method = typeof(FrameCheck).GetMethod(nameof(Decode), BindingFlags.Instance | BindingFlags.NonPublic)!;
            decode = method.MakeGenericMethod(RecordTypes.TypeOf(feed)).CreateDelegate<Decoder>(this);
            _decoders.Add(feed.RecordName, decode);
        }

        decode(feed, frame, shape);
    }

    // A feed can spell the elements of its record differently.
    private static bool AreSame(FrameError error, FrameError other) =>
        (error with { Column = null }) == (other with { Column = null }) && error.Column?.Name == other.Column?.Name;

    private void Decode<T>(FeedSchema feed, DataFrame frame, FrameShape shape)
        where T : struct, IFeedRecord<T>
    {
        var records = new List<T>();
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var decoded = T.TryDecode(fields, _texts, Decoding.ReceivedAt, out var record, out var error);
            if (RecordJson.TryCheck(feed, fields, out var checkError) != decoded || !AreSame(error, checkError))
                throw new InvalidOperationException($"decoder: {error}; check: {checkError}");
            if (!decoded)
            {
                ShouldPointInto(error, frame.Bytes);
                if (error.Record != reader.Current.Record)
                    throw new InvalidOperationException("the error names another record");
                return;
            }

            Write(feed, fields);
            records.Add(record);
        }

        if (records.Count != frame.Count)
            throw new InvalidOperationException($"{records.Count} records of {frame.Count}");
        ShouldRoundTrip(feed, frame, records);
    }

    private void Write(FeedSchema feed, in RecordFields fields)
    {
        _json.Reset();
        _json.WriteStartObject();
        RecordJson.WriteMembers(_json, feed, fields, NameStyle.English);
        _json.WriteEndObject();
        _json.Flush();
    }

    private void ShouldRoundTrip<T>(FeedSchema feed, DataFrame frame, List<T> records)
        where T : struct, IFeedRecord<T>
    {
        _output.ResetWrittenCount();
        FrameWriter.Write(_output, Encoding.ASCII.GetString(frame.TrId), CollectionsMarshal.AsSpan(records));
        var decodedAgain = new List<T>();
        if (!Decoding.TryRecords(feed, _output.WrittenSpan, _texts, decodedAgain, out var error))
            throw new InvalidOperationException($"encoded as {Encoding.UTF8.GetString(_output.WrittenSpan)}: {error}");
        if (!records.SequenceEqual(decodedAgain))
            throw new InvalidOperationException($"encoded as {Encoding.UTF8.GetString(_output.WrittenSpan)}, which is another record");
        RoundTrips++;
    }

    private static void ShouldPointInto(FrameError error, ReadOnlySpan<byte> input)
    {
        if (error.Kind == FrameErrorKind.None || error.Position < 0 || error.Position > input.Length || error.ToString().Length == 0)
            throw new InvalidOperationException($"the error does not point into the input: {error}");
    }
}
