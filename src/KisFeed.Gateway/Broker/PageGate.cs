using KisFeed.Server;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>Keeps out pages of browsers that are not allowed to use the gateway. A program sends none of the headers that this goes by.</summary>
internal sealed class PageGate(Admission admission) : IRequestGate
{
    private static readonly RequestRefusal s_foreign = new(
        StatusCodes.Status403Forbidden, "web pages of this origin may not use the gateway: allow the origin at the gateway's start if they are to");

    public RequestRefusal? Check(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (admission.Origins.Allows(headers.Origin, context.Connection.LocalIpAddress, context.Connection.LocalPort) && (headers.Origin.Count > 0 || !OriginRules.IsOfForeignPage(headers)))
            return null;
        admission.Refusals.Add(RefusalReason.Origin);
        return s_foreign;
    }
}
