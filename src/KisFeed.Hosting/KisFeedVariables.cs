namespace KisFeed.Hosting;

/// <summary>
/// The names of the environment variables. Further app keys have a number as suffix, from <c>_2</c> to <c>_99</c>. The
/// variables of app keys, app secrets and HTS IDs also exist with the suffix <c>_FILE</c>, and then name a file that contains
/// the value: <see cref="SecretVariable"/>.
/// </summary>
public static class KisFeedVariables
{
    /// <summary>The app key. Secret.</summary>
    public const string AppKey = "KISFEED_APPKEY";

    /// <summary>The app secret that belongs to the app key. Secret.</summary>
    public const string AppSecret = "KISFEED_APPSECRET";

    /// <summary>The HTS ID, for order notices.</summary>
    public const string HtsId = "KISFEED_HTSID";

    /// <summary>The WebSocket address.</summary>
    public const string Url = "KISFEED_URL";

    /// <summary>The REST address that issues approval keys.</summary>
    public const string Rest = "KISFEED_REST";

    /// <summary><c>production</c> or <c>mock</c>.</summary>
    public const string Environment = "KISFEED_ENVIRONMENT";

    /// <summary>The path of a file that keeps approval keys for later programs.</summary>
    public const string ApprovalKeys = "KISFEED_APPROVALKEYS";

    /// <summary>
    /// The path of the file in the format of the official samples' <c>kis_devlp.yaml</c>; with <c>none</c>, no file is read.
    /// </summary>
    public const string File = "KISFEED_CONFIG";
}
