using System;
using UnityEngine;

namespace Visavis
{
    /// <summary>
    /// From the angles of a face to Unity's axes and back. A face has +x to the subject's left and +z towards the
    /// viewer; in Unity a character looks along its +z, +y is up, and +x is the subject's RIGHT (left-handed axes). So
    /// yaw > 0, which turns to the subject's left, is a negative turn about y; pitch > 0, which looks up, a negative
    /// one about x; roll > 0, which tips to the subject's right shoulder, a negative one about z. All radians.
    /// </summary>
    public static class FaceAxes
    {
        const float DegreesPerRadian = 57.29578f;

        /// <summary>
        /// The turn of a head or eye in the axes of a character that looks along +z. Roll comes first, then pitch, then
        /// yaw: the order of Quaternion.Euler and of the face's own.
        /// </summary>
        public static Quaternion Turn(float yawRad, float pitchRad, float rollRad)
        {
            return Quaternion.Euler(
                -pitchRad * DegreesPerRadian, -yawRad * DegreesPerRadian, -rollRad * DegreesPerRadian);
        }

        /// <summary>
        /// Where to look to see a point that lies at `toTarget` from between the eyes, in the axes of a character that
        /// looks along +z. Not limited.
        /// </summary>
        public static void Gaze(Vector3 toTarget, out float yawRad, out float pitchRad)
        {
            var flat = (float)Math.Sqrt(toTarget.x * toTarget.x + toTarget.z * toTarget.z);
            yawRad = (float)Math.Atan2(-toTarget.x, toTarget.z);
            pitchRad = (float)Math.Atan2(toTarget.y, flat);
        }
    }
}
