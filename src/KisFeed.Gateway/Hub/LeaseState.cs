namespace KisFeed.Gateway;

/// <summary>What has become of a consumer's wish for a key.</summary>
internal enum LeaseState
{
    /// <summary>Upstream has not answered, or has no place yet.</summary>
    Waiting,

    /// <summary>The consumer has the key, or is to have it as soon as there is an upstream again.</summary>
    Granted,

    /// <summary>Refused, ended or given back.</summary>
    Over,
}
