using KisFeed.Benchmarks.Sockets;
using KisFeed.Capture;

namespace KisFeed.Benchmarks.Capture;

/// <summary>A client whose frames are recorded as by <c>kisfeed record</c>.</summary>
internal sealed class RecordingReader : IFeedReader
{
    private readonly KisFeedClient _client;
    private readonly CaptureRecorder _recorder;

    private RecordingReader(KisFeedClient client, CaptureRecorder recorder)
    {
        _client = client;
        _recorder = recorder;
    }

    public static async Task<RecordingReader> StartAsync(
        Uri url, IReadOnlyList<string> registrations, string folder, CancellationToken cancellationToken)
    {
        var client = await Credentials.ConnectAsync(url, cancellationToken);
        var recorder = CaptureRecorder.Start(client, new CaptureRecorderOptions
        {
            Writer = new CaptureWriterOptions { Directory = Path.Combine(folder, Guid.NewGuid().ToString("N")) },
        });
        foreach (var (feed, key) in Credentials.Of(client, registrations))
            await recorder.AddAsync(feed, key, cancellationToken);
        return new RecordingReader(client, recorder);
    }

    // Received frames that are not dropped will be written; Flushed would count them only once a second.
    public Reading Read()
    {
        var status = _recorder.Status;
        return new Reading(status.Received - status.Dropped, null, status.Dropped);
    }

    public async ValueTask DisposeAsync()
    {
        await _recorder.DisposeAsync();
        await _client.DisposeAsync();
        if (_recorder.Status is { Lost: > 0 } or { Waiting: > 0 })
            throw new InvalidOperationException("the recorder has lost frames");
    }
}
