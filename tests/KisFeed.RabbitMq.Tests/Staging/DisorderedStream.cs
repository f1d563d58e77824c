using KisFeed.Capture.Tests;
using KisFeed.RabbitMq.Format;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>
/// What a stream may hold after losses of nodes: batches of a publisher that are stored late, that are lost and sent again, or that are
/// sent twice. The publisher is modelled by what it knows: each batch says what was stored before it was sent.
/// </summary>
internal sealed class DisorderedStream
{
    private const int Window = 12;

    private readonly Random _random;
    private readonly List<(ulong Last, byte[] Body)> _unconfirmed = [];
    private readonly List<(ulong Last, byte[] Body)> _inFlight = [];
    private readonly HashSet<ulong> _stored = [];
    private readonly double _loss;
    private int _frames;

    /// <summary>Makes a stream.</summary>
    /// <param name="random">Decides what happens.</param>
    /// <param name="origin">The publisher.</param>
    /// <param name="firstFrame">The number of the first frame.</param>
    /// <param name="batches">The number of batches sent.</param>
    /// <param name="loss">The probability with which a stored batch disappears, although it was confirmed.</param>
    /// <param name="isComplete">Whether everything is stored at the end.</param>
    public DisorderedStream(Random random, BatchOrigin origin, int firstFrame, int batches, double loss = 0, bool isComplete = true)
    {
        (_random, Encoder, _loss, _frames) = (random, new StreamBatchEncoder(origin), loss, firstFrame);
        for (var sent = 0; sent < batches;)
        {
            switch (random.Next(10))
            {
                case < 5 when _unconfirmed.Count < Window:
                    Send();
                    sent++;
                    break;
                case 5 when _inFlight.Count > 0 && random.Next(3) == 0:
                    _inFlight.RemoveAt(random.Next(_inFlight.Count)); // It is lost on its way, and nothing is confirmed.
                    break;
                case 6 when random.Next(4) == 0:
                    Resend();
                    break;
                default:
                    Store(random.Next(4) == 0 ? random.Next(Math.Max(1, _inFlight.Count)) : 0);
                    break;
            }
        }

        FirstUnstored = _unconfirmed.Count == 0 ? _frames : FrameOf[_unconfirmed[0].Last];
        if (!isComplete)
            return;
        while (_unconfirmed.Count > 0)
        {
            Resend();
            while (_inFlight.Count > 0)
                Store(random.Next(_inFlight.Count));
        }

        Messages.Add(Encoder.Mark(Encoder.FirstSequence - 1));
    }

    /// <summary>Writes batches of the publisher.</summary>
    public StreamBatchEncoder Encoder { get; }

    /// <summary>The messages in the order of the stream.</summary>
    public List<byte[]> Messages { get; } = [];

    /// <summary>The frames that have disappeared, although the cluster had confirmed them.</summary>
    public HashSet<int> Lost { get; } = [];

    /// <summary>The number of the frame with which the publisher would continue.</summary>
    public int FirstUnstored { get; }

    /// <summary>The number behind that of the last frame.</summary>
    public int End => _frames;

    // The first frame of the batch with this last sequence number.
    private Dictionary<ulong, int> FrameOf { get; } = [];

    private void Send()
    {
        var first = _frames;
        for (var i = _random.Next(1, 4); i > 0; i--, _frames++)
            Encoder.Add(EntryKind.Frame, Ticks.At(_frames), [], Ticks.Index(_frames));
        var last = Encoder.FirstSequence + (ulong)Encoder.Count - 1;
        var confirmed = _unconfirmed.Count == 0 ? Encoder.FirstSequence - 1 : _unconfirmed[0].Last - (ulong)CountOf(_unconfirmed[0].Body);
        FrameOf[last] = first;
        var batch = (last, Encoder.Complete(confirmed));
        _unconfirmed.Add(batch);
        _inFlight.Add(batch);
    }

    private void Resend() => _inFlight.AddRange(_unconfirmed.Where(batch => !Lost.Contains(FrameOf[batch.Last])));

    private void Store(int index)
    {
        if (index >= _inFlight.Count)
            return;
        var (last, body) = _inFlight[index];
        _inFlight.RemoveAt(index);
        if (_stored.Add(last) && _random.NextDouble() < _loss)
        {
            // Copies that are still on their way are lost, too.
            _inFlight.RemoveAll(batch => batch.Last == last);
            Lost.UnionWith(Enumerable.Range(FrameOf[last], CountOf(body)));
        }
        else
        {
            Messages.Add(body);
        }

        while (_unconfirmed.Count > 0 && _stored.Contains(_unconfirmed[0].Last))
            _unconfirmed.RemoveAt(0);
    }

    private static int CountOf(byte[] body) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(BatchFormat.CountOffset));
}
