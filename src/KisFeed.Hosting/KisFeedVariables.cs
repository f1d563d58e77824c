namespace KisFeed.Hosting;

/// <summary>
/// The names of the environment variables. Further app keys have a number at the end, from <c>_2</c> to <c>_99</c>. With <c>_FILE</c> behind that, those of app keys, app secrets and HTS IDs name a
/// file with the value instead: <see cref="SecretVariable"/>.
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

    /// <summary>The path of a file in which approval keys are kept for later programs.</summary>
    public const string ApprovalKeys = "KISFEED_APPROVALKEYS";

    /// <summary>The path of the file in the form of the official samples' <c>kis_devlp.yaml</c>; <c>none</c>: no file is read.</summary>
    public const string File = "KISFEED_CONFIG";
}
