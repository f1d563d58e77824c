using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>Looks at requests before anything else does. For any thread.</summary>
internal interface IRequestGate
{
    /// <summary>Whether a request is to be refused, by what shows before its body; <see langword="null"/> where it is not.</summary>
    RequestRefusal? Check(HttpContext context);
}
