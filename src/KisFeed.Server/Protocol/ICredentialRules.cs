using System.Net;

namespace KisFeed.Server;

/// <summary>Which credentials are good. For any thread.</summary>
internal interface ICredentialRules
{
    /// <summary>Looks at an app key and its secret, both at once: how much the refusal tells is decided here.</summary>
    /// <param name="appKey">The app key.</param>
    /// <param name="appSecret">The app secret; <see langword="null"/> where none came.</param>
    /// <param name="from">Where they come from; <see langword="null"/> where that is not known.</param>
    /// <param name="owner">Whose they are: what keys are issued to.</param>
    /// <returns>The refusal; <see langword="null"/> where they are good.</returns>
    OAuthError? Check(string appKey, string? appSecret, IPAddress? from, out string owner);

    /// <summary>Whether an HTS ID, already known to be well-formed, has an account.</summary>
    bool AcceptsHtsId(string candidate);
}
