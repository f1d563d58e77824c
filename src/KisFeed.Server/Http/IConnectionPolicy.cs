using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>Decides what those who connect are served: which data, and what stands between them and the protocol. For any thread.</summary>
internal interface IConnectionPolicy
{
    /// <summary>Looks at a request for a connection before the handshake.</summary>
    /// <param name="query">What stands behind the <c>?</c> of its address.</param>
    /// <param name="service">Makes the session of the connection; called once if the handshake succeeds.</param>
    /// <param name="error">What is wrong with the request, and what would be right, for the one who made it.</param>
    bool TryAdmit(IQueryCollection query, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out string? error);
}
