using System.Buffers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Server;

/// <summary>
/// One client's session: answers its requests, keeps its registrations, sends its heartbeats. Knows neither where the data come from nor how
/// bytes travel.
/// </summary>
internal sealed class ProtocolSession : IClientSession
{
    private readonly SessionOptions _rules;
    private readonly IClientConnection _connection;
    private readonly ConnectionRegistrations _registrations;
    private readonly Heartbeats _heartbeats;
    private readonly ArrayBufferWriter<byte> _answer = new(1024);
    private string? _owner;

    public ProtocolSession(SessionOptions rules, IClientConnection connection)
    {
        _rules = rules;
        _connection = connection;
        _registrations = new ConnectionRegistrations(new SessionOutput(connection, rules.Counters), rules.MaxRegistrations, rules.Counters);
        _heartbeats = new Heartbeats(connection, rules, OnHeartbeatUnanswered);
        rules.Counters.SessionOpened();
    }

    private static ReadOnlySpan<byte> KeyAlphabet => "abcdefghijklmnopqrstuvwxyz0123456789"u8;

    public int RegistrationCount => _registrations.Count;

    /// <summary>Handles the answer to a heartbeat, at any time; <see langword="false"/> if the message is something else.</summary>
    public bool TryAnswerHeartbeat(ReadOnlySpan<byte> text) => _heartbeats.TryAnswer(text);

    /// <summary>Handles the first answer to a heartbeat, at any time. Further answers are messages like any other.</summary>
    public bool TryHandleAtOnce(ReadOnlySpan<byte> text) => _heartbeats.TryAnswerFirst(text);

    /// <summary>Handles a message of the client: a request or the answer to a heartbeat.</summary>
    public ValueTask HandleTextAsync(ReadOnlyMemory<byte> text)
    {
        if (TryAnswerHeartbeat(text.Span))
            return ValueTask.CompletedTask;
        if (!Request.TryParse(text, out var request, out var refusal, _rules.AllowNumbers))
        {
            Refuse(refusal);
            return ValueTask.CompletedTask;
        }

        if (!TryBegin(request))
            return ValueTask.CompletedTask;
        if (!_rules.Catalog.TryGet(Encoding.UTF8.GetBytes(request.TrId), out var feed))
        {
            Refuse(BrokerCode.InvalidTrId, request);
            return ValueTask.CompletedTask;
        }

        return request.Type == RequestType.Register ? RegisterAsync(feed, request) : ReleaseAsync(feed, request);
    }

    public void HandlePing(ReadOnlySpan<byte> payload) => _heartbeats.TryAnswer(payload);

    public void HandlePong(ReadOnlySpan<byte> payload)
    {
        if (_heartbeats.TryAnswer(payload) || _rules.AllowUnsolicitedPongs)
            return;
        ServerLog.UnsolicitedPong(_rules.Logger, _connection.Id);
        _connection.Cut();
    }

    public async ValueTask DisposeAsync()
    {
        _heartbeats.Dispose();
        foreach (var registration in _registrations.RemoveAll())
        {
            await _rules.Source.UnsubscribeAsync(registration).ConfigureAwait(false);
            registration.Dispose();
        }

        if (_owner is not null)
            _rules.Gate.End(_owner, wasClosed: _connection.HasClosed);
        _rules.Counters.SessionClosed();
    }

    // The approval key is looked at only here: a session that has begun outlives it.
    private bool TryBegin(in Request request)
    {
        if (_owner is not null)
            return true;
        if (_rules.Gate.Begin(request.ApprovalKey, out var owner) is not { } code)
        {
            _owner = owner;
            _connection.OnBegun();
            return true;
        }

        Refuse(code);
        if (code == BrokerCode.AppKeyInUse)
            _rules.EndRefused(_connection);
        return false;
    }

    private async ValueTask RegisterAsync(FeedSchema feed, Request request)
    {
        if (!_rules.Source.IsWellFormed(feed.TrId, request.TrKey))
            Refuse(BrokerCode.InvalidTrKey, request);
        else if (feed.IsNotice && !_rules.Credentials.AcceptsHtsId(request.TrKey))
            Refuse(BrokerCode.WrongHtsId);
        else if (_registrations.Contains(feed.TrId, request.TrKey))
            Refuse(BrokerCode.AlreadySubscribed, request);
        else if (_registrations.IsFull)
            Refuse(BrokerCode.TooManySubscriptions, request);
        else if (await _rules.Source.AdmitAsync(feed, request.TrKey).ConfigureAwait(false) is { } code)
            Refuse(code, request);
        else
            await _rules.Source.SubscribeAsync(Accept(feed, request.TrKey)).ConfigureAwait(false);
    }

    // Answers before the source is told, so that the answer precedes the data.
    private Registration Accept(FeedSchema feed, string trKey)
    {
        Span<byte> key = stackalloc byte[NoticeKey.KeyLength];
        Span<byte> iv = stackalloc byte[NoticeKey.IvLength];
        RandomNumberGenerator.GetItems(KeyAlphabet, key);
        RandomNumberGenerator.GetItems(KeyAlphabet, iv);
        var registration = _registrations.Add(feed, trKey, key, iv);
        ControlMessageWriter.WriteRegistered(_answer, feed.TrId, trKey, feed.IsNotice, key, iv);
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(iv);
        SendAnswer(MessageKind.Acknowledgement);
        ServerLog.Registered(_rules.Logger, _connection.Id, feed.TrId, PublicKeyOf(feed, trKey));
        return registration;
    }

    private async ValueTask ReleaseAsync(FeedSchema feed, Request request)
    {
        if (!_registrations.TryRemove(feed.TrId, request.TrKey, out var registration))
        {
            Refuse(BrokerCode.NotSubscribed, request);
            return;
        }

        // Answers after the source has let go, so that no data follow the answer.
        await _rules.Source.UnsubscribeAsync(registration).ConfigureAwait(false);
        registration.Dispose();
        ControlMessageWriter.WriteReleased(_answer, feed.TrId, request.TrKey, feed.IsNotice);
        SendAnswer(MessageKind.Acknowledgement);
        ServerLog.Released(_rules.Logger, _connection.Id, feed.TrId, PublicKeyOf(feed, request.TrKey));
    }

    private void Refuse(BrokerCode code)
    {
        ControlMessageWriter.WriteRefusal(_answer, code);
        SendAnswer(MessageKind.Refusal);
        NoteRefusal(code);
    }

    private void Refuse(BrokerCode code, in Request request)
    {
        ControlMessageWriter.WriteRefusal(_answer, code, request.TrId, request.TrKey);
        SendAnswer(MessageKind.Refusal);
        NoteRefusal(code);
    }

    // What strangers send could fill the log.
    private void NoteRefusal(BrokerCode code)
    {
        if (_owner is null)
            _connection.OnRefused(code);
        else
            ServerLog.Refused(_rules.Logger, _connection.Id, code, Refusal.TextOf(code));
    }

    private void SendAnswer(MessageKind kind)
    {
        _ = _connection.Send(kind, _answer.WrittenSpan);
        _answer.Clear();
    }

    private void OnHeartbeatUnanswered()
    {
        ServerLog.HeartbeatUnanswered(_rules.Logger, _connection.Id, _rules.HeartbeatTimeout);
        _connection.Close(WebSocketCloseStatus.NormalClosure, "");
    }

    private static string PublicKeyOf(FeedSchema feed, string trKey) => feed.IsNotice ? "(HTS ID)" : trKey;
}
