using System.Buffers;

namespace KisFeed.Server;

/// <summary>
/// Sends a session's heartbeats one at a time and notices when one is not answered: by the same text, as a text message or as the payload of
/// a pong frame. A client that waits for this side is not judged: its answer may lie unread. For any thread.
/// </summary>
internal sealed class Heartbeats : IDisposable
{
    private readonly Lock _gate = new();
    private readonly IClientConnection _connection;
    private readonly SessionRules _rules;
    private readonly Action _unanswered;
    private readonly ArrayBufferWriter<byte> _last = new();
    private readonly ITimer _timer;
    private bool _isOutstanding;
    private bool _isEchoed;
    private bool _isDisposed;

    /// <summary>Sends the first heartbeat after an interval.</summary>
    /// <param name="connection">Where heartbeats go.</param>
    /// <param name="rules">The clock and the intervals.</param>
    /// <param name="unanswered">Called once when a heartbeat has not been answered in time.</param>
    public Heartbeats(IClientConnection connection, SessionRules rules, Action unanswered)
    {
        _connection = connection;
        _rules = rules;
        _unanswered = unanswered;
        _timer = rules.TimeProvider.CreateTimer(static state => ((Heartbeats)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(rules.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a client's text or pong payload, and says whether it is that of the last heartbeat, answered already or not.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            if (_last.WrittenCount == 0 || !text.SequenceEqual(_last.WrittenSpan))
                return false;
            if (_isOutstanding && !_isDisposed)
            {
                _isOutstanding = false;
                _timer.Change(_rules.HeartbeatInterval, Timeout.InfiniteTimeSpan);
            }

            return true;
        }
    }

    /// <summary>Takes the echo of the last heartbeat as a text message; <see langword="false"/> for any other text, and where it has been taken before.</summary>
    public bool TryTakeEcho(ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            if (_isEchoed || !TryAnswer(text))
                return false;
            return _isEchoed = true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _timer.Dispose();
    }

    private void OnDue()
    {
        lock (_gate)
        {
            if (_isDisposed || _connection.IsSilent)
                return;
            if (!_isOutstanding)
            {
                SendNext();
                return;
            }

            if (_connection.IsBehind)
            {
                _timer.Change(_rules.HeartbeatTimeout, Timeout.InfiniteTimeSpan);
                return;
            }

            _isDisposed = true;
        }

        _unanswered();
    }

    private void SendNext()
    {
        _last.ResetWrittenCount();
        AnswerWriter.WriteHeartbeat(_last, _rules.TimeProvider.GetUtcNow());
        _isOutstanding = true;
        _isEchoed = false;
        _timer.Change(_rules.HeartbeatTimeout, Timeout.InfiniteTimeSpan);
        _ = _connection.Send(MessageKind.Heartbeat, _last.WrittenSpan);
    }
}
