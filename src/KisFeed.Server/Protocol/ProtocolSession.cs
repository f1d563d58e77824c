using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Server.Protocol;

/// <summary>
/// The session of one client: answers its requests, holds its registrations and sends its heartbeats. Independent of the
/// source of the data and of the transport.
/// </summary>
internal sealed class ProtocolSession : IClientSession
{
    private readonly SessionOptions _options;
    private readonly IFeedSource _source;
    private readonly ISessionGate _gate;
    private readonly IClientConnection _connection;
    private readonly ConnectionRegistrations _registrations;
    private readonly Heartbeats _heartbeats;
    private readonly ArrayBufferWriter<byte> _answer = new(1024);
    private NoticeKey? _noticeKey; // The latest.
    private string? _owner;

    public ProtocolSession(SessionOptions options, IFeedSource source, ISessionGate gate, IClientConnection connection)
    {
        _options = options;
        _source = source;
        _gate = gate;
        _connection = connection;
        _registrations = new ConnectionRegistrations(
            new SessionOutput(connection, options.Counters), options.MaxRegistrations, options.Counters);
        _heartbeats = new Heartbeats(connection, options, OnHeartbeatUnanswered);
        options.Counters.Sessions.Add();
    }

    private static ReadOnlySpan<byte> KeyAlphabet => "abcdefghijklmnopqrstuvwxyz0123456789"u8;

    public int RegistrationCount => _registrations.Count;

    /// <summary>Handles an answer to a heartbeat, at any time. Returns <see langword="false"/> if the message is something else.</summary>
    public bool TryAnswerHeartbeat(ReadOnlySpan<byte> text) => _heartbeats.TryAnswer(text);

    /// <summary>Handles the first answer to a heartbeat, at any time. Further answers are treated like any other message.</summary>
    public bool TryHandleAtOnce(ReadOnlySpan<byte> text) => _heartbeats.TryAnswerOnce(text);

    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        if (TryAnswerHeartbeat(text.Span))
            return ValueTask.CompletedTask;
        if (!Request.TryParse(text, out var request, out var refusal, _options.AllowNumbers))
        {
            Refuse(refusal);
            return ValueTask.CompletedTask;
        }

        if (!TryBegin(request))
            return ValueTask.CompletedTask;
        if (!_options.Catalog.TryGet(Encoding.UTF8.GetBytes(request.TrId), out var feed) || feed.TrId != request.TrId)
        {
            Refuse(BrokerCode.InvalidTrId, request);
            return ValueTask.CompletedTask;
        }

        return request.Type == RequestType.Register ? RegisterAsync(feed, request) : ReleaseAsync(feed, request);
    }

    public void HandlePing(ReadOnlySpan<byte> payload) => _heartbeats.TryAnswer(payload);

    public void HandlePong(ReadOnlySpan<byte> payload)
    {
        if (_heartbeats.TryAnswerWithPong(payload) || _options.AllowUnsolicitedPongs)
            return;
        ServerLog.UnsolicitedPong(_options.Logger, _connection.Id, payload.IsEmpty
            ? "an empty pong frame while no heartbeat waits for an answer"
            : $"a pong frame of {payload.Length} bytes that does not name PINGPONG");
        _connection.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        _heartbeats.Dispose();
        _noticeKey?.Dispose();
        foreach (var registration in _registrations.RemoveAll())
        {
            await _source.UnsubscribeAsync(registration).ConfigureAwait(false);
            registration.Dispose();
        }

        if (_owner is not null)
            _gate.End(_owner, wasClosed: _connection.HasClosed);
        _options.Counters.Sessions.Add(-1);
        await _source.LeaveAsync(_connection).ConfigureAwait(false);
    }

    // The approval key is checked only here: a session outlives the key with which it began.
    private bool TryBegin(in Request request)
    {
        if (_owner is not null)
            return true;
        if (_gate.Begin(request.ApprovalKey, out var owner) is not { } code)
        {
            _owner = owner;
            _connection.OnBegun();
            return true;
        }

        Refuse(code);
        if (code == BrokerCode.AppKeyInUse)
            _options.CloseRejected(_connection);
        return false;
    }

    private async ValueTask RegisterAsync(FeedSchema feed, Request request)
    {
        if (!_source.IsWellFormed(feed.TrId, request.TrKey))
            Refuse(BrokerCode.InvalidTrKey, request);
        else if (feed.IsNotice && !_options.Credentials.AcceptsHtsId(request.TrKey))
            Refuse(BrokerCode.WrongHtsId);
        else if (_registrations.Contains(feed.TrId, request.TrKey))
            Refuse(BrokerCode.AlreadySubscribed, request);
        else if (_registrations.IsFull)
            Refuse(BrokerCode.TooManySubscriptions, request);
        else if (await _source.AdmitAsync(feed, request.TrKey).ConfigureAwait(false) is { } code)
            Refuse(code, request);
        else
            await _source.SubscribeAsync(Accept(feed, request.TrKey)).ConfigureAwait(false);
    }

    // Answers before the source subscribes, so that the answer precedes the data.
    private ClientRegistration Accept(FeedSchema feed, string trKey)
    {
        var key = NextNoticeKey();
        var registration = _registrations.Add(feed, trKey, key);
        ControlMessageWriter.WriteRegistered(_answer, feed.TrId, trKey, feed.IsNotice, key.Key, key.Iv);
        SendAnswer(MessageKind.Acknowledgement);
        ServerLog.Registered(_options.Logger, _connection.Id, feed.TrId, PublicKeyOf(feed, trKey));
        return registration;
    }

    // Published clients keep one key for each session or one for each registration. The same key in every acknowledgement serves both.
    private NoticeKey NextNoticeKey()
    {
        if (_noticeKey is not null && !_options.UsesKeyPerRegistration)
            return _noticeKey;
        Span<byte> key = stackalloc byte[NoticeKey.KeyLength];
        Span<byte> iv = stackalloc byte[NoticeKey.IvLength];
        RandomNumberGenerator.GetItems(KeyAlphabet, key);
        RandomNumberGenerator.GetItems(KeyAlphabet, iv);
        _noticeKey?.Dispose();
        _noticeKey = NoticeKey.TryCreate(key, iv)!;
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(iv);
        return _noticeKey;
    }

    private async ValueTask ReleaseAsync(FeedSchema feed, Request request)
    {
        if (!_registrations.TryRemove(feed.TrId, request.TrKey, out var registration))
        {
            Refuse(BrokerCode.NotSubscribed, request);
            return;
        }

        // Answers after the source has unsubscribed, so that no data follow the answer.
        await _source.UnsubscribeAsync(registration).ConfigureAwait(false);
        registration.Dispose();
        ControlMessageWriter.WriteReleased(_answer, feed.TrId, request.TrKey, feed.IsNotice);
        SendAnswer(MessageKind.Acknowledgement);
        ServerLog.Released(_options.Logger, _connection.Id, feed.TrId, PublicKeyOf(feed, request.TrKey));
    }

    private void Refuse(BrokerCode code)
    {
        ControlMessageWriter.WriteRefusal(_answer, code);
        SendAnswer(MessageKind.Refusal);
        LogRefusal(code);
    }

    private void Refuse(BrokerCode code, in Request request)
    {
        ControlMessageWriter.WriteRefusal(_answer, code, request.TrId, request.TrKey);
        SendAnswer(MessageKind.Refusal);
        LogRefusal(code);
    }

    // Clients without a session could fill the log.
    private void LogRefusal(BrokerCode code)
    {
        if (_owner is null)
            _connection.OnRefused(code);
        else
            ServerLog.Refused(_options.Logger, _connection.Id, code, Refusal.TextOf(code));
    }

    private void SendAnswer(MessageKind kind)
    {
        _ = _connection.Send(kind, _answer.WrittenSpan);
        _answer.Clear();
    }

    private void OnHeartbeatUnanswered()
    {
        ServerLog.HeartbeatUnanswered(_options.Logger, _connection.Id, _options.HeartbeatTimeout);
        // The app key must be free when the client, or another one, connects again.
        _connection.CloseAtOnce(WebSocketCloseStatus.NormalClosure, "");
    }

    private static string PublicKeyOf(FeedSchema feed, string trKey) => feed.IsNotice ? "(HTS ID)" : trKey;
}
