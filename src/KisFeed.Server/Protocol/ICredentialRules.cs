namespace KisFeed.Server;

/// <summary>Which credentials are good. For any thread.</summary>
internal interface ICredentialRules
{
    /// <summary>Whether there is such an app key.</summary>
    bool AcceptsAppKey(string candidate);

    /// <summary>Whether an app secret is that of an app key.</summary>
    /// <param name="owner">The app key, which is known to be good.</param>
    /// <param name="candidate">The app secret.</param>
    bool AcceptsAppSecret(string owner, string candidate);

    /// <summary>Whether an HTS ID, already known to be well-formed, has an account.</summary>
    bool AcceptsHtsId(string candidate);
}
