using System.Collections.Concurrent;
using System.Diagnostics;

namespace KisFeed.Tests.Client;

/// <summary>The completed activities of one client.</summary>
internal sealed class RecordedActivities : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public RecordedActivities(string client)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KisFeedDiagnostics.ActivitySourceName,
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (!client.Equals(activity.GetTagItem("kisfeed.client")))
                    return;
                _ended.Enqueue(activity);
                _arrived.Release();
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Waits for the next completed activity.</summary>
    public async Task<Activity> NextAsync()
    {
        (await _arrived.WaitAsync(Patience.Limit)).ShouldBeTrue();
        _ended.TryDequeue(out var activity).ShouldBeTrue();
        return activity!;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _arrived.Dispose();
    }
}
