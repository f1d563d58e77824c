namespace KisFeed;

/// <summary>An app key of KIS Developers with its secret. Each app key has one session.</summary>
public sealed record AppCredentials
{
    /// <summary>The app key. Secret.</summary>
    public required string AppKey { get; init; }

    /// <summary>The app secret that belongs to the app key. Secret.</summary>
    public required string AppSecret { get; init; }

    /// <summary>The HTS ID of the account that the app key belongs to. Default: none.</summary>
    public string? HtsId { get; init; }

    /// <summary>
    /// The name in logs, metrics and errors, e.g. <c>second account</c>. Default: its position in the list,
    /// where the options' own app key is 1.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The source of app key and app secret, e.g. <c>KISFEED_APPKEY and KISFEED_APPSECRET</c>; error messages name it as the place to
    /// correct them. Default: the options.
    /// </summary>
    public string? Source { get; init; }

    /// <summary>The name, without secrets.</summary>
    public override string ToString() => $"AppCredentials {{ Name = {Name} }}";
}
