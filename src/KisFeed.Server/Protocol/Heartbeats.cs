using System.Buffers;
using System.Text.Json;

namespace KisFeed.Server.Protocol;

/// <summary>
/// Sends a session's heartbeats. If <see cref="SessionOptions.HeartbeatTimeout"/> is set, reports a client that does not answer in time. An
/// answer is recognized by its meaning: JSON that names PINGPONG, in a frame of any kind, or an empty pong frame. A client that waits for
/// the server is not reported, because its answer may not have been read yet. Thread-safe.
/// </summary>
internal sealed class Heartbeats : IDisposable
{
    private const string TrId = "PINGPONG";
    private const int MaxAnswerBytes = 1024;
    private const int MaxUnanswered = 10;

    private readonly Lock _gate = new();
    private readonly IClientConnection _connection;
    private readonly SessionOptions _options;
    private readonly Action _onUnanswered;
    private readonly ArrayBufferWriter<byte> _message = new();
    private readonly ITimer _timer;
    private bool _isOutstanding;
    private int _unanswered;
    private bool _isDisposed;

    /// <summary>Starts the timer. The first heartbeat is sent after one interval.</summary>
    public Heartbeats(IClientConnection connection, SessionOptions options, Action onUnanswered)
    {
        _connection = connection;
        _options = options;
        _onUnanswered = onUnanswered;
        _timer = options.TimeProvider.CreateTimer(
            static state => ((Heartbeats)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(options.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    private bool MustBeAnswered => _options.HeartbeatTimeout != Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Whether a payload is an answer to a heartbeat: a JSON object whose <c>tr_id</c>, at the top or in an
    /// object directly below, is PINGPONG.
    /// </summary>
    public static bool IsAnswer(ReadOnlySpan<byte> payload)
    {
        // The search makes the check cheap for everything else that clients send.
        if (payload.Length > MaxAnswerBytes || payload.IndexOf("PINGPONG"u8) < 0)
            return false;
        var reader = new Utf8JsonReader(payload);
        var isAnswer = false;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth <= 2 && reader.ValueTextEquals("tr_id"u8))
                    isAnswer |= reader.Read() && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(TrId);
            }

            return isAnswer;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or an escape sequence in it that is not valid.
            return false;
        }
    }

    /// <summary>Handles a payload that may be an answer to a heartbeat.</summary>
    /// <returns>Whether it is an answer.</returns>
    public bool TryAnswer(ReadOnlySpan<byte> payload)
    {
        if (!IsAnswer(payload))
            return false;
        lock (_gate)
            Answered();
        return true;
    }

    /// <summary>Handles a payload that may be the first answer to one of the last heartbeats.</summary>
    /// <returns>Whether it is; <see langword="false"/> also for more answers than there were heartbeats.</returns>
    public bool TryAnswerOnce(ReadOnlySpan<byte> payload)
    {
        if (!IsAnswer(payload))
            return false;
        lock (_gate)
        {
            if (_unanswered == 0)
                return false;
            _unanswered--;
            Answered();
            return true;
        }
    }

    /// <summary>
    /// Handles the payload of a pong frame. An empty one is an answer while a heartbeat waits for one: some libraries can send no other.
    /// </summary>
    /// <returns>Whether it is an answer.</returns>
    public bool TryAnswerWithPong(ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
            return TryAnswer(payload);
        lock (_gate)
        {
            if (!_isOutstanding)
                return false;
            Answered();
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _isDisposed = true;
        _timer.Dispose();
    }

    // Clients that need not answer get heartbeats at fixed intervals.
    private void Answered()
    {
        if (!_isOutstanding || _isDisposed)
            return;
        _isOutstanding = false;
        if (MustBeAnswered)
            _timer.Change(_options.HeartbeatInterval, Timeout.InfiniteTimeSpan);
    }

    private void OnDue()
    {
        lock (_gate)
        {
            if (_isDisposed || _connection.IsSilent)
                return;
            if (!_isOutstanding || !MustBeAnswered)
            {
                SendNext();
                return;
            }

            if (_connection.IsBehind)
            {
                _timer.Change(_options.HeartbeatTimeout, Timeout.InfiniteTimeSpan);
                return;
            }

            _isDisposed = true;
        }

        _onUnanswered();
    }

    private void SendNext()
    {
        _message.ResetWrittenCount();
        ControlMessageWriter.WriteHeartbeat(_message, _options.TimeProvider.GetUtcNow());
        _isOutstanding = true;
        _unanswered = Math.Min(_unanswered + 1, MaxUnanswered);
        _timer.Change(MustBeAnswered ? _options.HeartbeatTimeout : _options.HeartbeatInterval, Timeout.InfiniteTimeSpan);
        _ = _connection.Send(MessageKind.Heartbeat, _message.WrittenSpan);
    }
}
