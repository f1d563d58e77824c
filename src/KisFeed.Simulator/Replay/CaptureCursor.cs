namespace KisFeed.Simulator.Replay;

/// <summary>A forward-only position in a capture, starting at its first frame.</summary>
internal sealed class CaptureCursor(IAsyncEnumerator<ReplayFrame> frames)
{
    private DateTimeOffset _beginning;

    public ReplayFrame Current => frames.Current;

    /// <summary>The time between the receipt of the first frame and of the current one.</summary>
    public TimeSpan Position => frames.Current.At - _beginning;

    /// <summary>The number of frames before the current one.</summary>
    public long Frames { get; private set; }

    /// <summary>Moves to the first frame. Returns <see langword="false"/> if there is none.</summary>
    public async ValueTask<bool> TryBeginAsync()
    {
        if (!await frames.MoveNextAsync().ConfigureAwait(false))
            return false;
        _beginning = frames.Current.At;
        return true;
    }

    /// <summary>Moves to the next frame. Returns <see langword="false"/> after the last.</summary>
    public ValueTask<bool> MoveNextAsync()
    {
        if (frames.Current.Event is null)
            Frames++;
        return frames.MoveNextAsync();
    }
}
