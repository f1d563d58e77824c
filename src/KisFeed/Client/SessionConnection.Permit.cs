namespace KisFeed.Client;

// Waits for permission to connect, and drops the connection when it ends.
internal sealed partial class SessionConnection
{
    private readonly CancellationTokenSource _permitWait = new();
    private readonly ISessionPermit? _permit;
    private CancellationTokenRegistration _standDown;
    private Task _waiting = Task.CompletedTask;

    public bool MaySend => _permit is null || _permit.MaySend;

    public string StandbyText => $"waits for {_permit?.Awaited}";

    /// <summary>Waits for permission to connect. Call it under the lock.</summary>
    public void RequestPermit() => _waiting = Task.Run(WaitForPermitAsync);

    /// <summary>The connection is established. Call it under the lock.</summary>
    public void OnConnected() => _permit?.OnConnected();

    private async Task WaitForPermitAsync()
    {
        try
        {
            var standDown = await _permit!.WaitForAttemptAsync(_permitWait.Token).ConfigureAwait(false);
            lock (_gate)
            {
                // Not disposed: that would wait for a callback, which waits for the lock.
                _standDown.Unregister();
                _machine.PermitGranted(Now);
                _standDown = standDown.UnsafeRegister(static state => ((SessionConnection)state!).OnStandDown(), this);
            }
        }
        catch (OperationCanceledException) when (_permitWait.IsCancellationRequested)
        {
            // The client is being disposed.
        }
#pragma warning disable CA1031 // A session must not seem to wait for a permission that never comes.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lock (_gate)
            {
                Summary = Problem = $"the permission to connect failed ({e.GetType().Name})";
                _cause = e;
                _machine.Fail(Now);
            }
        }
    }

    private void OnStandDown()
    {
        lock (_gate)
            _machine.StandDown(Now);
    }

    private async Task EndPermitAsync()
    {
        Task waiting;
        lock (_gate)
        {
            _standDown.Unregister();
            waiting = _waiting;
        }

        await _permitWait.CancelAsync().ConfigureAwait(false);
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _permitWait.Dispose();
    }
}
