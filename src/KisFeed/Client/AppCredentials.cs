namespace KisFeed;

/// <summary>An app key of KIS Developers and what belongs to it. Each app key has one session of the service.</summary>
public sealed record AppCredentials
{
    /// <summary>The app key. Secret.</summary>
    public required string AppKey { get; init; }

    /// <summary>The app secret that belongs to the app key. Secret.</summary>
    public required string AppSecret { get; init; }

    /// <summary>The HTS ID of the account that the app key belongs to. Default: none.</summary>
    public string? HtsId { get; init; }

    /// <summary>What logs, metrics and errors call it, e.g. <c>second account</c>. Default: its place in the list, beginning with 1 for the options' own.</summary>
    public string? Name { get; init; }

    /// <summary>Where they come from, e.g. <c>KISFEED_APPKEY and KISFEED_APPSECRET</c>: errors say to correct them there. Default: the options.</summary>
    public string? Source { get; init; }

    /// <summary>The name and nothing secret.</summary>
    public override string ToString() => $"AppCredentials {{ Name = {Name} }}";
}
