namespace KisFeed.Wire;

/// <summary>What a request asks for (<c>tr_type</c>).</summary>
public enum RequestType
{
    /// <summary>1: register (등록).</summary>
    Register = 1,

    /// <summary>2: release (해제).</summary>
    Release = 2,
}
