using System.Text;
using KisFeed.Client;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Delivering;

/// <summary>A key that taps want: who publishes it, and who receives it. Guarded by the lock of the source.</summary>
internal sealed class DeliveredKey(FeedSchema feed, string key, int partition)
{
    private readonly List<IFrameReceiver> _receivers = [];
    private bool _hasFrames;

    public FeedSchema Feed => feed;

    public string Key => key;

    public byte[] KeyUtf8 { get; } = Encoding.UTF8.GetBytes(key);

    public int Partition => partition;

    /// <summary>Who publishes it.</summary>
    public KeyOwnership Ownership { get; } = new();

    /// <summary>What was received before is left out, because the stream is behind.</summary>
    public DateTimeOffset From { get; private set; }

    /// <summary>The number of the last frame that it was in, so that a frame is received once.</summary>
    public long LastFrame { get; set; }

    public bool HasReceivers => _receivers.Count > 0;

    /// <summary>Adds a receiver, which gets what follows.</summary>
    /// <param name="receiver">The receiver.</param>
    /// <param name="session">The session that is named in the confirmation.</param>
    /// <param name="at">The time.</param>
    /// <param name="isBehind">Whether the stream still has data from before this time.</param>
    public void Confirm(IFrameReceiver receiver, string session, DateTimeOffset at, bool isBehind)
    {
        if (_receivers.Count == 0)
        {
            _hasFrames = false;
            From = isBehind ? at : DateTimeOffset.MinValue;
        }

        _receivers.Add(receiver);
        receiver.Confirm(session, at);
    }

    public void Remove(IFrameReceiver receiver) => _receivers.Remove(receiver);

    /// <summary>The current frame belongs to the key.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, in FrameShape shape, DateTimeOffset receivedAt)
    {
        _hasFrames = true;
        foreach (var receiver in _receivers)
            receiver.Write(bytes, shape, receivedAt);
    }

    public void Receive(MalformedFrame malformed)
    {
        foreach (var receiver in _receivers)
            receiver.Write(malformed);
    }

    public void Confirm(string session, DateTimeOffset at)
    {
        foreach (var receiver in _receivers)
            receiver.Confirm(session, at);
    }

    /// <summary>Data may be missing from here on.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="at">When it was noticed.</param>
    /// <param name="isReported">Whether the publisher reported it, and reports the gap, too.</param>
    public void Interrupt(GapReason reason, DateTimeOffset at, bool isReported = false)
    {
        foreach (var receiver in _receivers)
            receiver.Interrupt(reason, at, isReported);
    }

    /// <summary>A gap that the publisher reported. What was missed before the key was added here was not missed by its receivers.</summary>
    public void AddGap(Gap gap)
    {
        var own = _hasFrames ? gap : gap with { From = null };
        foreach (var receiver in _receivers)
            receiver.AddUpstreamGap(own);
    }

    /// <summary>Removes all receivers.</summary>
    public void Clear() => _receivers.Clear();
}
