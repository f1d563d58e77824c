using KisFeed.Capture;

namespace KisFeed.Testing.Playing;

/// <summary>Plays a capture as steps of a script, as fast as they are read.</summary>
internal sealed class CapturePlayer(Script script, TimeSpan readTimeout)
{
    private const int MaxUnread = 64;

    public async Task PlayAsync(CaptureReader capture, CancellationToken cancellationToken)
    {
        await WaitForSubscriptionAsync(cancellationToken).ConfigureAwait(false);
        var unread = 0;
        await foreach (var item in capture.ReadItemsAsync(null, cancellationToken).ConfigureAwait(false))
        {
            Play(item);
            if (!item.IsFrame || ++unread < Math.Min(MaxUnread, script.LeastCapacity))
                continue;
            unread = 0;
            await script.WaitUntilReadAsync(readTimeout, cancellationToken).ConfigureAwait(false);
        }

        await script.WaitUntilReadAsync(readTimeout, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitForSubscriptionAsync(CancellationToken cancellationToken)
    {
        try
        {
            await script.Subscribed.WaitAsync(readTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException("a capture was played, but nobody has subscribed to anything", e);
        }
    }

    private void Play(in CaptureItem item)
    {
        if (item.IsFrame)
        {
            script.AddRecordedFrame(item.Frame);
        }
        else if (item.Problem is not null)
        {
            var trId = item.File.TrId;
            script.Add(() => script.Interrupt(trId, null, GapReason.Unreadable));
        }
        else
        {
            script.Time = item.At;
            Play(item.Event!);
        }
    }

    private void Play(CaptureEvent captureEvent)
    {
        var (trId, key) = (captureEvent.TrId, captureEvent.Key);
        switch (captureEvent.Kind)
        {
            case CaptureEventKind.Interrupted:
                script.Add(() => script.Interrupt(trId, key, captureEvent.Reason ?? GapReason.ConnectionLost, isReported: true));
                break;
            case CaptureEventKind.Capture when captureEvent.IsStart:
                script.Add(() => script.Interrupt(trId, key, GapReason.NotRecorded));
                break;
            case CaptureEventKind.Gap:
                var gap = new Gap
                {
                    Reason = captureEvent.Reason ?? GapReason.ConnectionLost,
                    From = captureEvent.From,
                    To = captureEvent.To,
                    Frames = captureEvent.Frames,
                    IsUpstream = true,
                };
                script.Add(() => script.AddGap(trId, key, gap));
                break;
        }
    }
}
