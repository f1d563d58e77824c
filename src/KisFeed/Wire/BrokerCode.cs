namespace KisFeed.Wire;

/// <summary>A result code of the broker's WebSocket service (<c>msg_cd</c>). Unknown codes are kept as sent.</summary>
/// <param name="Value">The code as sent, e.g. <c>OPSP0008</c>.</param>
public readonly record struct BrokerCode(string Value)
{
    /// <summary>The registration was granted.</summary>
    public static BrokerCode SubscribeSuccess { get; } = new("OPSP0000");

    /// <summary>The registration was released.</summary>
    public static BrokerCode UnsubscribeSuccess { get; } = new("OPSP0001");

    /// <summary>The registration already exists.</summary>
    public static BrokerCode AlreadySubscribed { get; } = new("OPSP0002");

    /// <summary>The registration to release does not exist.</summary>
    public static BrokerCode NotSubscribed { get; } = new("OPSP0003");

    /// <summary>The service failed.</summary>
    public static BrokerCode InternalError { get; } = new("OPSP0007");

    /// <summary>The session has reached its limit of registrations.</summary>
    public static BrokerCode TooManySubscriptions { get; } = new("OPSP0008");

    /// <summary>The service could not forward the registration.</summary>
    public static BrokerCode SendFailed { get; } = new("OPSP0009");

    /// <summary>The app key is invalid.</summary>
    public static BrokerCode InvalidAppKey { get; } = new("OPSP0010");

    /// <summary>The approval key is unknown or has expired.</summary>
    public static BrokerCode UnknownApprovalKey { get; } = new("OPSP0011");

    /// <summary>The HTS ID is wrong.</summary>
    public static BrokerCode WrongHtsId { get; } = new("OPSP0017");

    /// <summary>The TR ID is unknown to the service.</summary>
    public static BrokerCode InvalidTrId { get; } = new("OPSP8991");

    /// <summary>The key is not valid for this feed.</summary>
    public static BrokerCode InvalidTrKey { get; } = new("OPSP8992");

    /// <summary>Another session holds the app key.</summary>
    public static BrokerCode AppKeyInUse { get; } = new("OPSP8996");

    /// <summary>The request's <c>tr_type</c> is neither 1 nor 2.</summary>
    public static BrokerCode InvalidRequestType { get; } = new("OPSP8997");

    /// <summary>The request's <c>custtype</c> is neither P nor B.</summary>
    public static BrokerCode InvalidCustomerType { get; } = new("OPSP8998");

    /// <summary>The request has no <c>tr_key</c>.</summary>
    public static BrokerCode TrKeyMissing { get; } = new("OPSP9990");

    /// <summary>The request has no <c>input</c>.</summary>
    public static BrokerCode InputMissing { get; } = new("OPSP9991");

    /// <summary>The request has no <c>body</c>.</summary>
    public static BrokerCode BodyMissing { get; } = new("OPSP9992");

    /// <summary>The request has no approval key.</summary>
    public static BrokerCode ApprovalKeyMissing { get; } = new("OPSP9996");

    /// <summary>The request has no <c>custtype</c>.</summary>
    public static BrokerCode CustomerTypeMissing { get; } = new("OPSP9997");

    /// <summary>The request has no <c>header</c>.</summary>
    public static BrokerCode HeaderMissing { get; } = new("OPSP9998");

    /// <summary>The request is not JSON.</summary>
    public static BrokerCode InvalidJson { get; } = new("OPSP9999");

    /// <summary>The meaning of the code for a client.</summary>
    public BrokerCodeMeaning Meaning => Value switch
    {
        "OPSP0000" or "OPSP0001" => BrokerCodeMeaning.Done,
        "OPSP0002" => BrokerCodeMeaning.AlreadyRegistered,
        "OPSP0003" => BrokerCodeMeaning.NotRegistered,
        "OPSP0007" or "OPSP0009" or "OPSP8999" or "OPSP9993" or "OPSP9995" => BrokerCodeMeaning.TryLater,
        "OPSP0008" => BrokerCodeMeaning.SessionFull,
        "OPSP0010" or "OPSP9994" => BrokerCodeMeaning.BadCredentials,
        "OPSP0011" => BrokerCodeMeaning.UnknownApprovalKey,
        "OPSP0017" => BrokerCodeMeaning.WrongHtsId,
        "OPSP8991" or "OPSP8992" or "OPSP8993" => BrokerCodeMeaning.InvalidRegistration,
        "OPSP8996" => BrokerCodeMeaning.AppKeyInUse,
        "OPSP8994" or "OPSP8995" or "OPSP8997" or "OPSP8998" or "OPSP9990" or "OPSP9991" or "OPSP9992" or "OPSP9996" or "OPSP9997"
            or "OPSP9998" or "OPSP9999" =>
            BrokerCodeMeaning.MalformedRequest,
        _ => BrokerCodeMeaning.Unknown,
    };

    /// <summary>What the user can do about the code, in one sentence.</summary>
    public string Advice => Meaning switch
    {
        BrokerCodeMeaning.Done or BrokerCodeMeaning.AlreadyRegistered or BrokerCodeMeaning.NotRegistered => "nothing needs to be done",
        BrokerCodeMeaning.TryLater => "try again later; if OPSP0009 persists, the account may lack the entitlement for a paid market",
        BrokerCodeMeaning.SessionFull => "release a registration or use another app key",
        BrokerCodeMeaning.BadCredentials => "check the app key and the app secret, and that they are for this service (production or mock)",
        BrokerCodeMeaning.UnknownApprovalKey => "issue a new approval key and connect again",
        BrokerCodeMeaning.WrongHtsId => "check the HTS ID: it is case-sensitive and must belong to the account of the app key",
        BrokerCodeMeaning.InvalidRegistration => "check the TR ID and the key of the registration",
        BrokerCodeMeaning.AppKeyInUse =>
            "another program holds a session with this app key: end it, or wait until the service releases the dead session",
        BrokerCodeMeaning.MalformedRequest => "the client sent an invalid request: report it",
        _ => "the code is not documented",
    };

    /// <summary>
    /// What the user can do about this code in the answer to a registration of a feed: <see cref="Advice"/>, or what a key of the feed is.
    /// </summary>
    public string AdviceFor(FeedSchema feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return Value is "OPSP8992" or "OPSP8993" && feed.KeyMeaning.Length > 0
            ? $"check the key: it is the {feed.KeyMeaning}, usually of the form of {feed.KeyExample}"
            : Advice;
    }

    /// <summary>The code as sent.</summary>
    public override string ToString() => Value;
}
